"""The conformance kit: a black-box check of any server that claims to speak the protocol of ``docs/protocol``."""

from __future__ import annotations

from cliquet.conformance.run import run

__all__ = ["run"]
