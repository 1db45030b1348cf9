"""The cases of a server that keeps buckets, one file per subject."""

from __future__ import annotations

__all__: list[str] = []
