"""Brings a database to the schema of this version, or says that it is not there."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from cliquet.database import functions, sqlite
from cliquet.errors import ConfigurationError, SchemaOutdated

if TYPE_CHECKING:
    from cliquet.database.engine import Database

__all__ = ["HEAD", "VERSION_TABLE", "check", "upgrade"]

#: The version that this code needs: the newest of ``versions/``.
HEAD = "0006"
VERSION_TABLE = "cliquet_version"
#: Any number, the same for everybody who migrates a PostgreSQL database.
_LOCK = 7_284_561


def check(database: Database) -> None:
    """Whether the database has the schema of this version; an SQLite file without tables gets it.

    :raises SchemaOutdated: says what to type.
    :raises BackendError: when the database cannot be reached.
    """
    with _translated(database):
        empty = database.driver.name == "sqlite" and sqlite.is_empty(database.engine)
    if empty:
        upgrade(database)
    found = current(database)
    if found != HEAD:
        raise SchemaOutdated(_advice(found))


def current(database: Database) -> str | None:
    """The version of the schema that the database has."""
    with _translated(database), database.engine.connect() as connection:
        if not sa.inspect(connection).has_table(VERSION_TABLE):
            return None
        version: str | None = connection.execute(
            sa.select(sa.column("version_num")).select_from(sa.table(VERSION_TABLE))
        ).scalar()
        return version


def upgrade(database: Database, *, dry_run: bool = False) -> list[str]:
    """Run what is missing, in one transaction, while others who try wait.

    :param dry_run: run nothing.
    :returns: the steps that were missing, or in a dry run the SQL of them.

    Migrating twice does nothing the second time.
    """
    logging.getLogger("alembic").setLevel(logging.WARNING)  # what matters is returned
    from alembic import command  # imported here: starting a server needs none of it

    config = _config()
    with _translated(database), _locked(database) as connection:
        before = _version(connection)
        if before == HEAD:
            return []
        config.attributes["connection"] = connection
        if dry_run:
            output = io.StringIO()
            config.output_buffer = output
            command.upgrade(config, f"{before}:head" if before else "head", sql=True)
            return [line for line in output.getvalue().splitlines() if line.strip()]
        command.upgrade(config, "head")
        return [f"{before or 'nothing'} -> {HEAD}"]


def _config() -> Any:
    from alembic.config import Config  # see above

    config = Config()
    config.set_main_option("script_location", "cliquet:database/migrations")
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _translated(database: Database) -> Iterator[None]:
    failures: tuple[type[Exception], ...] = (sa.exc.DBAPIError, *database.driver.errors)
    try:
        yield
    except failures as error:
        raise database.driver.translate(getattr(error, "orig", None) or error) from error


@contextmanager
def _locked(database: Database) -> Iterator[sa.Connection]:
    """A connection in a transaction that only one process has at a time."""
    own = {} if database.driver.name == "postgresql" else database.driver.engine_options()
    engine = sa.create_engine(database.driver.url(database.url), poolclass=sa.NullPool, **own)
    if database.driver.name == "sqlite":
        sa.event.listen(engine, "connect", lambda connection, _: functions.register(connection))
        sa.event.listen(engine, "begin", lambda connection: database.driver.start(connection.connection.cursor()))
    with engine.begin() as connection:
        if database.driver.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        yield connection


def _version(connection: sa.Connection) -> str | None:
    from alembic.runtime.migration import MigrationContext  # see above

    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    version: str | None = context.get_current_revision()
    if version is not None and version > HEAD:
        raise ConfigurationError(_advice(version))
    return version


def _advice(found: str | None) -> str:
    if found is not None and found > HEAD:
        return f"The database has schema {found}, newer than {HEAD} of this version: install a newer version."
    has = f"has schema {found}" if found else "has no schema yet"
    return f"The database {has}, this version needs {HEAD}. Type: cliquet migrate --ini <your INI file>"
