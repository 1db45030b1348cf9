"""A cache in a table of SQLite, which should have a file of its own; all of it is in :mod:`cliquet.cache.sql`."""

from __future__ import annotations

from typing import Any

from cliquet.cache.base import Cache
from cliquet.cache.sql import SqlCache
from cliquet.database.sqlite import from_settings

__all__ = ["load_from_config"]


def load_from_config(config: Any) -> Cache:
    """The cache that ``cache_url`` and ``cache_prefix`` ask for; connects when first used."""
    return SqlCache(from_settings(config.registry, "cache"), config.registry["cliquet.settings"].cache_prefix)
