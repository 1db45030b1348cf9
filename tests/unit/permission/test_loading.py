"""Each permission backend is made from settings, and connects to nothing yet."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cliquet.database.registry import KEY, Databases
from cliquet.errors import ConfigurationError
from cliquet.permission import memory, postgresql, redis, sqlite
from cliquet.permission.base import Permission
from cliquet.permission.sql.permission import SQLPermission
from cliquet.settings import Settings
from cliquet.storage import sqlite as sqlite_storage


def config(url: str, **settings: Any) -> Any:
    """What a loader needs of a configurator."""
    made = Settings(permission_url=url, storage_url=url, **settings)
    return SimpleNamespace(registry={"cliquet.settings": made, KEY: Databases()})


def test_the_memory_needs_no_url() -> None:
    assert memory.load_from_config(config("")).check([], []) is False


@pytest.mark.parametrize(
    ("module", "url"),
    [
        (postgresql, "postgresql://localhost:1/nothing"),
        (sqlite, "sqlite:////nowhere/at/all.sqlite"),
        (redis, "redis://localhost:1/0"),
    ],
)
def test_a_backend_is_made_without_its_server(module: Any, url: str) -> None:
    permission: Permission = module.load_from_config(config(url))
    assert permission.ping() is False


@pytest.mark.parametrize(("module", "url"), [(postgresql, ""), (sqlite, "sqlite://"), (redis, ""), (redis, "http://x")])
def test_an_url_that_is_none_is_refused(module: Any, url: str) -> None:
    with pytest.raises(ConfigurationError):
        module.load_from_config(config(url))


def test_backends_with_one_url_share_a_database(tmp_path: Path) -> None:
    shared = config(f"sqlite:///{tmp_path}/data.sqlite")
    permission: SQLPermission = sqlite.load_from_config(shared)
    assert permission.database is sqlite_storage.load_from_config(shared).database


def test_the_project_is_the_prefix_in_redis() -> None:
    permission = redis.load_from_config(config("redis://localhost:1/0", project_name="a:*"))
    assert permission._keys.space == "permission:a%3A%2A:"
