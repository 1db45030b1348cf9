"""The cases, one file per page of ``docs/protocol``."""

from __future__ import annotations

__all__: list[str] = []
