"""The schema is made, checked and brought up to date, whoever else is doing so at the same time."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from cliquet.database.migrations import HEAD
from cliquet.errors import BackendError, ConfigurationError, SchemaOutdated
from cliquet.storage.base import Scope
from cliquet.storage.sql.storage import SQLStorage
from tests.functional.workload import Place, run

SCOPE = Scope("article", "alice")
TABLES = {"cache", "cliquet_version", "metadata", "record", "timeline", "unique_value"}
ADVICE = re.escape("Type: cliquet migrate --ini <your INI file>")


@pytest.fixture
def storage(url: str) -> SQLStorage:
    return Place(url).open()


def tables(storage: SQLStorage) -> set[str]:
    """The tables that there are."""
    found = set(sa.inspect(storage.database.engine).get_table_names())
    storage.close()
    return found


def execute(storage: SQLStorage, *statements: str) -> None:
    with storage.database.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    storage.close()


def migrate(place: Place) -> list[str]:
    storage = place.open()
    done = storage.migrate()
    storage.close()
    return done


def check(place: Place) -> list[str]:
    storage = place.open()
    storage.check()
    assert storage.head(SCOPE).timestamp == 0
    storage.close()
    return []


def test_the_version_that_the_code_needs_is_the_newest() -> None:
    config = Config()
    config.set_main_option("script_location", "cliquet:database/migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_a_fresh_database_is_migrated(storage: SQLStorage) -> None:
    assert storage.migrate() == [f"nothing -> {HEAD}"]
    assert tables(storage) >= TABLES
    storage.check()
    assert storage.create(SCOPE, {"id": "a"}) == storage.get(SCOPE, "a")
    storage.close()


def test_migrating_twice_does_nothing_the_second_time(storage: SQLStorage) -> None:
    storage.migrate()
    storage.create(SCOPE, {"id": "a"})
    assert storage.migrate() == []
    assert storage.migrate(dry_run=True) == []
    assert storage.get(SCOPE, "a").id == "a"
    storage.close()


def test_a_dry_run_shows_the_sql_and_changes_nothing(storage: SQLStorage) -> None:
    sql = "\n".join(storage.migrate(dry_run=True))
    for table in TABLES:
        assert f"CREATE TABLE {table}" in sql
    assert tables(storage) == set()
    assert storage.migrate() == [f"nothing -> {HEAD}"]
    storage.close()


def split(sql: str) -> Iterator[str]:
    """The statements of a script; a trigger has semicolons inside."""
    statement = ""
    for piece in sql.split(";"):
        statement += f"{piece};"
        if statement.strip() != ";" and sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def test_the_sql_of_a_dry_run_can_be_run_by_hand(storage: SQLStorage) -> None:
    sql = "\n".join(storage.migrate(dry_run=True))
    execute(
        storage, *(one for one in split(re.sub(r"(?m)^--.*$", "", sql)) if one.strip() not in ("BEGIN;", "COMMIT;"))
    )
    storage.check()
    assert storage.migrate() == []
    storage.close()


def test_a_database_without_schema_is_refused(postgresql_database: Callable[[], str]) -> None:
    storage = Place(postgresql_database()).open()
    with pytest.raises(SchemaOutdated, match=f"has no schema yet, this version needs {HEAD}. {ADVICE}"):
        storage.check()
    assert tables(storage) == set()


def test_a_file_with_the_tables_of_somebody_else_is_refused(sqlite_url: str) -> None:
    storage = Place(sqlite_url).open()
    execute(storage, "CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(SchemaOutdated, match=f"has no schema yet, .*{ADVICE}"):
        storage.check()
    assert tables(storage) == {"bookmarks"}


def test_an_old_schema_is_refused(storage: SQLStorage) -> None:
    storage.migrate()
    execute(storage, "UPDATE cliquet_version SET version_num = '0000'")
    with pytest.raises(SchemaOutdated, match=f"has schema 0000, this version needs {HEAD}. {ADVICE}"):
        storage.check()
    storage.close()


def test_a_newer_schema_is_refused_and_not_touched(storage: SQLStorage) -> None:
    storage.migrate()
    execute(storage, "UPDATE cliquet_version SET version_num = '9999'")
    with pytest.raises(SchemaOutdated, match=f"schema 9999, newer than {HEAD} .*install a newer version"):
        storage.check()
    for dry_run in (False, True):
        with pytest.raises(ConfigurationError, match="install a newer version"):
            storage.migrate(dry_run=dry_run)
    storage.close()


def test_a_file_without_tables_is_migrated_by_the_check(sqlite_url: str) -> None:
    storage = Place(sqlite_url).open()
    storage.check()
    assert tables(storage) >= TABLES
    storage.create(SCOPE, {"id": "a"})
    storage.check()
    assert storage.get(SCOPE, "a").id == "a"
    storage.close()


def test_processes_that_migrate_at_once_do_it_once(url: str) -> None:
    assert sorted(run(*[(migrate, (Place(url),))] * 4)) == [[], [], [], [f"nothing -> {HEAD}"]]


def test_workers_that_start_at_once_find_a_migrated_file(sqlite_url: str) -> None:
    assert run(*[(check, (Place(sqlite_url),))] * 4) == [[]] * 4


def test_a_database_that_cannot_be_reached_is_no_question_of_schema(tmp_path_factory: pytest.TempPathFactory) -> None:
    nowhere = tmp_path_factory.mktemp("nowhere")
    for url in (f"postgresql://postgres@/nothing?host={nowhere}", f"sqlite:///{nowhere}/missing/data.sqlite"):
        storage = Place(url).open()
        for question in (storage.check, storage.migrate):
            with pytest.raises(BackendError):
                question()
        assert storage.ping() is False
