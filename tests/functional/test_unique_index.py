"""Fields that are declared unique when there are records already."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.sqlite import SQLite
from cliquet.errors import UnicityError
from cliquet.storage.base import Scope
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql.storage import SQLStorage
from cliquet.storage.sqlite import SQLiteDialect

ANN, BEA = Scope("note", "ann"), Scope("note", "bea")


@pytest.fixture(params=["sqlite", "postgresql"])
def storage(
    request: pytest.FixtureRequest, sqlite_url: str, postgresql_database: Callable[[], str]
) -> Iterator[SQLStorage]:
    if request.param == "sqlite":
        made = SQLStorage(Database(sqlite_url, SQLite()), SQLiteDialect())
    else:
        made = SQLStorage(Database(postgresql_database(), PostgreSQL()), PostgreSQLDialect())
    made.migrate()
    yield made
    made.close()


def test_without_records_there_is_nothing_to_do(storage: SQLStorage) -> None:
    assert storage.knows_unique("note", ("url",))
    storage.create(ANN, {"id": "a", "url": "x"}, unique=("url",))
    assert storage.knows_unique("note", ("url",))


def test_records_from_before_have_to_be_indexed(storage: SQLStorage) -> None:
    storage.create(ANN, {"id": "a", "url": "x"})
    assert not storage.knows_unique("note", ("url",))
    assert storage.index_unique("note", ("url",)) == 1
    assert storage.knows_unique("note", ("url",))
    with pytest.raises(UnicityError) as clash:
        storage.create(ANN, {"id": "b", "url": "x"}, unique=("url",))
    assert (clash.value.field, clash.value.record["id"]) == ("url", "a")


def test_another_field_has_to_be_indexed_again(storage: SQLStorage) -> None:
    assert storage.knows_unique("note", ("url",))
    storage.create(ANN, {"id": "a", "url": "x", "title": "T"}, unique=("url",))
    assert not storage.knows_unique("note", ("url", "title"))
    storage.index_unique("note", ("url", "title"))
    assert storage.knows_unique("note", ("title",))


def test_every_scope_is_indexed_by_itself(storage: SQLStorage) -> None:
    for number in range(1203):
        storage.create(ANN if number % 2 else BEA, {"id": f"n{number}", "url": str(number // 2)})
    assert storage.index_unique("note", ("url",)) == 1203
    for scope in (ANN, BEA):
        with pytest.raises(UnicityError):
            storage.create(scope, {"id": "new", "url": "600"}, unique=("url",))
        with pytest.raises(UnicityError):
            storage.create(scope, {"id": "new", "url": "0"}, unique=("url",))
        storage.create(scope, {"id": "new", "url": "700"}, unique=("url",))


def test_of_two_that_clash_already_the_older_keeps_the_value(storage: SQLStorage) -> None:
    storage.create(ANN, {"id": "old", "url": "x"})
    storage.create(ANN, {"id": "young", "url": "x"})
    storage.index_unique("note", ("url",))
    with pytest.raises(UnicityError) as clash:
        storage.create(ANN, {"id": "b", "url": "x"}, unique=("url",))
    assert clash.value.record["id"] == "old"


def test_a_server_refuses_to_start_and_migrate_mends_it(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from cliquet.cli import main

    url = f"sqlite:///{tmp_path}/notes.sqlite"
    made = SQLStorage(Database(url, SQLite()), SQLiteDialect())
    made.migrate()
    made.create(Scope("article", "ann"), {"id": "a", "url": "http://example.com/"})
    made.close()
    ini = tmp_path / "app.ini"
    ini.write_text(
        f"[app:main]\nuse = call:readinglist:main\nstorage_backend = cliquet.storage.sqlite\nstorage_url = {url}\n"
    )
    refused = CliRunner().invoke(main, ["purge", "--days", "1", "--ini", str(ini)])
    assert refused.exit_code == 1
    assert "cliquet migrate" in refused.output
    assert "1 records read" in CliRunner().invoke(main, ["migrate", "--ini", str(ini)]).output
    served = CliRunner().invoke(main, ["purge", "--days", "1", "--ini", str(ini)])
    assert served.output == "Tombstones forgotten: 0\n", served.output
