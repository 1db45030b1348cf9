"""Fresh databases on a PostgreSQL server that somebody else runs."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator

import sqlalchemy as sa

__all__ = ["Databases"]


class Databases:
    """Creates empty databases next to the one of an URL, and drops them."""

    def __init__(self, url: str, prefix: str) -> None:
        self._admin = sa.make_url(url).set(drivername="postgresql+psycopg")
        self._prefix = prefix

    def create(self) -> str:
        """The URL of a new empty database."""
        name = f"{self._prefix}_{secrets.token_hex(4)}"
        # template0, because nobody can be connected to it: a template in use cannot be copied.
        self._execute("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", name)
        return self._admin.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Drop a database that :meth:`create` gave, whoever is still connected to it."""
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", sa.make_url(url).database or "")

    def _execute(self, statement: str, name: str) -> None:
        with self._connect() as connection:
            quoted = connection.dialect.identifier_preparer.quote_identifier(name)
            connection.exec_driver_sql(statement.format(quoted))

    @contextlib.contextmanager
    def _connect(self) -> Iterator[sa.Connection]:
        # CREATE DATABASE refuses to run inside a transaction.
        engine = sa.create_engine(self._admin, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            yield connection
        engine.dispose()
