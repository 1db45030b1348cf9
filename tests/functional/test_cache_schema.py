"""A cache in a database of its own gets its schema as the storage does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from webtest import TestApp

import readinglist
from cliquet.cli import main
from cliquet.errors import SchemaOutdated
from cliquet.web.components import components


def test_a_cache_in_a_file_of_its_own_works_from_the_first_start(tmp_path: Path) -> None:
    app = readinglist.main(
        storage_backend="cliquet.storage.sqlite",
        storage_url=f"sqlite:///{tmp_path}/articles.sqlite",
        cache_backend="cliquet.cache.sqlite",
        cache_url=f"sqlite:///{tmp_path}/cache.sqlite",
    )
    assert TestApp(app).get("/v1/__heartbeat__").json == {"storage": True, "cache": True}
    cache = components(app.registry).cache
    assert cache is not None
    cache.set("key", 1)
    assert cache.get("key") == 1


def test_a_cache_in_a_database_of_its_own_is_migrated(tmp_path: Path, postgresql_database: Callable[[], str]) -> None:
    settings = {
        "storage_backend": "cliquet.storage.sqlite",
        "storage_url": f"sqlite:///{tmp_path}/articles.sqlite",
        "cache_backend": "cliquet.cache.postgresql",
        "cache_url": postgresql_database(),
    }
    with pytest.raises(SchemaOutdated, match="cliquet migrate"):
        readinglist.main(**settings)
    ini = tmp_path / "app.ini"
    lines = ["[app:main]", "use = call:readinglist:main", *(f"{name} = {value}" for name, value in settings.items())]
    ini.write_text("\n".join(lines).replace("%", "%%"))
    done = CliRunner().invoke(main, ["migrate", "--ini", str(ini)])
    assert done.exit_code == 0, done.output
    assert TestApp(readinglist.main(**settings)).get("/v1/__heartbeat__").json == {"storage": True, "cache": True}


def test_a_cache_that_is_down_does_not_stop_the_start(tmp_path: Path) -> None:
    app = readinglist.main(
        storage_backend="cliquet.storage.memory",
        cache_backend="cliquet.cache.postgresql",
        cache_url=f"postgresql://nobody@/none?host={tmp_path}",
    )
    assert TestApp(app).get("/v1/__heartbeat__", status=503).json == {"storage": True, "cache": False}
