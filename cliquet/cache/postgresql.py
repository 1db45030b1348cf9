"""A cache in a table of PostgreSQL; all of it is in :mod:`cliquet.cache.sql`."""

from __future__ import annotations

from typing import Any

from cliquet.cache.base import Cache
from cliquet.cache.sql import SqlCache
from cliquet.database.postgresql import from_settings

__all__ = ["load_from_config"]


def load_from_config(config: Any) -> Cache:
    """The cache that ``cache_url``, ``cache_prefix`` and ``cache_pool_size`` ask for; connects when first used."""
    return SqlCache(from_settings(config.registry, "cache"), config.registry["cliquet.settings"].cache_prefix)
