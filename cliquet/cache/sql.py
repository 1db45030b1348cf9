"""A cache in a table, for SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from cliquet import clock
from cliquet.cache.base import ETERNAL, UNKNOWN, Cache, decode, encode, milliseconds, namespace, stored_key
from cliquet.database import migrations
from cliquet.database.engine import Database
from cliquet.errors import BackendError

__all__ = ["SqlCache", "table"]

#: Compared by code point, so that the keys of a prefix are one range.
#: The table as the statements see it; a migration creates it.
table = sa.table("cache", sa.column("key", sa.Text), sa.column("value", sa.Text), sa.column("expires", sa.BigInteger))

_PURGE_EVERY_MS = 60_000
_PURGE_BATCH = 1000


class SqlCache(Cache):
    """Keeps values in a table. Rows that expired are invisible at once, and removed now and then by a write.

    :param database: where the table is.
    :param prefix: separates services that share a table.
    :param now: the time in ms.
    """

    durable = True
    shared_between_processes = True

    def __init__(self, database: Database, prefix: str = "", *, now: clock.Clock = clock.now) -> None:
        self._database = database
        self._space = namespace(prefix)
        self._now = now
        self._purge_at = 0

    def get(self, key: str) -> Any:
        # By the driver's own cursor, for this is asked at every request whose user has an account.
        statement = self._database.statements.get("cache.get", _reading)
        rows = self._database.read(statement, {"named": self._key(key), "now": self._now()})
        return decode(rows[0][0]) if rows else None

    def set(self, key: str, value: Any, ttl: float | None = None) -> None:
        expires = None if ttl is None else self._now() + milliseconds(ttl)
        text = encode(value).decode()
        with self._connection() as connection:
            insert = self._database.driver.insert(table)
            insert = insert.values(key=self._key(key), value=text, expires=expires)
            changes = {"value": insert.excluded.value, "expires": insert.excluded.expires}
            connection.execute(insert.on_conflict_do_update(index_elements=[table.c.key], set_=changes))
            self._purge(connection)

    def delete(self, key: str) -> None:
        self._run(sa.delete(table).where(table.c.key == self._key(key)))

    def take(self, key: str) -> Any:
        return _value(self._row(sa.delete(table).where(self._visible(key)).returning(table.c.value)))

    def ttl(self, key: str) -> float:
        row = self._row(sa.select(table.c.expires).where(self._visible(key)))
        if row is None:
            return UNKNOWN
        return ETERNAL if row.expires is None else float(row.expires - self._now()) / 1000

    def expire(self, key: str, ttl: float) -> None:
        self._run(sa.update(table).where(self._visible(key)).values(expires=self._now() + milliseconds(ttl)))

    def flush(self) -> None:
        after_last = self._space[:-1] + chr(ord(self._space[-1]) + 1)
        self._run(sa.delete(table).where(table.c.key >= self._space, table.c.key < after_last))

    def ping(self) -> bool:
        try:
            self._row(sa.select(table.c.key).limit(1))
        except BackendError:
            return False
        return True

    def migrate(self, *, dry_run: bool = False) -> list[str]:
        return migrations.upgrade(self._database, dry_run=dry_run)

    def check(self) -> None:
        migrations.check(self._database)
        self._database.close()  # a server that forks now must not share connections

    def _key(self, key: str) -> str:
        return stored_key(self._space, key)

    def _visible(self, key: str) -> sa.ColumnElement[bool]:
        return _alive(self._key(key), self._now())

    def _purge(self, connection: sa.Connection) -> None:
        """Skips rows that another process purges at this moment, so that two purges never wait for each other."""
        now = self._now()
        if now < self._purge_at:
            return
        self._purge_at = now + _PURGE_EVERY_MS
        expired = sa.select(table.c.key).where(table.c.expires <= now).limit(_PURGE_BATCH)
        connection.execute(sa.delete(table).where(table.c.key.in_(expired.with_for_update(skip_locked=True))))

    def _row(self, statement: sa.Executable) -> sa.Row[Any] | None:
        with self._connection() as connection:
            return connection.execute(statement).first()

    def _run(self, statement: sa.Executable) -> None:
        with self._connection() as connection:
            connection.execute(statement)

    @contextmanager
    def _connection(self) -> Iterator[sa.Connection]:
        try:
            with self._database.connect() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise BackendError(error) from error


def _alive(key: Any, now: Any) -> sa.ColumnElement[bool]:
    """Whether a row is that of a key, as the table has it, and has not expired."""
    return sa.and_(table.c.key == key, sa.or_(table.c.expires.is_(None), table.c.expires > now))


def _reading() -> sa.Select[Any]:
    """The value of the key ``named`` that lives longer than ``now``."""
    named, now = sa.bindparam("named", type_=sa.Text), sa.bindparam("now", type_=sa.BigInteger)
    return sa.select(table.c.value).where(_alive(named, now))


def _value(row: sa.Row[Any] | None) -> Any:
    return None if row is None else decode(row.value)
