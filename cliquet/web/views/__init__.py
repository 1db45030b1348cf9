"""The endpoints that every service has."""

from __future__ import annotations

from pyramid.config import Configurator

__all__ = ["includeme"]


def includeme(config: Configurator) -> None:
    """Declares them all."""
    for name in ("hello", "heartbeat", "version", "api", "batch"):
        config.include(f"cliquet.web.views.{name}")
