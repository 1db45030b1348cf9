"""Stores with as many records as one wants, which are made in the database itself; the application runs in process."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import kinto
from benchmarks.database import PostgreSQL
from cliquet.clock import now
from cliquet.testing.app import Client, migrated

__all__ = ["BUCKET", "COLLECTION", "RECORDS", "Multitude", "opened"]

BUCKET = "/v1/buckets/bench"
COLLECTION = f"{BUCKET}/collections/data"
RECORDS = f"{COLLECTION}/records"
_LIST = RECORDS.removeprefix("/v1")
_SECRET = "b4c96a8692291d88fe5a97dd91846eb4"

#: In the names of what is different: how to count, and what of a body is searched.
_DIALECTS = {
    "postgresql": ("generate_series(1, {count}) AS n", ", CAST({body} AS jsonb)", ""),
    "sqlite": ("n", "", "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count}) "),
}
#: About 300 bytes, as the other benchmarks have them.
_BODY = (
    """'{{"id":"seed-' || n || '","last_modified":' || ({start} + n) || ',"title":"Record number ' || n """
    """|| '","number":' || n || ',"rank":' || ({rank}) || ',"tags":["a","b","t' || (n - n / 97 * 97) || '"],"done":' """
    """|| CASE WHEN n - n / 2 * 2 = 0 THEN 'true' ELSE 'false' END || ',"body":"{filler}"}}'"""
)
#: A number that has nothing to do with the time.
_RANK = "n * 1009 - n * 1009 / {count} * {count}"
_FILLER = "lorem ipsum dolor sit amet " * 5


@dataclass(frozen=True)
class Multitude:
    """A store with one collection, and two people who use it.

    :param owner: of the bucket, and in the access list of every record.
    :param reader: in the access lists of some records.
    :param member: of a group that reads the bucket.
    :param sent: the statements, when they are observed.
    :param marks: what requests remember of earlier ones.
    """

    records: int
    shared: int
    owner: Client
    reader: Client
    member: Client
    sent: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)

    def fill(self, kind: str) -> None:
        """Make the records, of which every so-manyth is shared with the reader."""
        owner, reader, member = (one.get("/v1/").json["user"]["id"] for one in (self.owner, self.reader, self.member))
        group = f"{BUCKET}/groups/readers"
        self.owner.put_json(BUCKET, {"permissions": {"read": [group.removeprefix("/v1")]}})
        self.owner.put_json(group, {"data": {"members": [member]}})
        self.owner.put_json(COLLECTION, {})
        statements = _statements(kind, self.records, self.records // self.shared, owner, reader)
        with self._database.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        self._settle(kind)

    def observe(self, *, on: bool) -> None:
        """Note the statements from now on, or no more."""
        self._database.observe = self.sent.append if on else _ignore

    @property
    def _database(self) -> Any:
        storage: Any = self.owner.storage
        return storage.database

    def _settle(self, kind: str) -> None:
        """What the databases do by themselves, in time."""
        connection = self._database.checkout()
        for statement in ("VACUUM ANALYZE", "CHECKPOINT") if kind == "postgresql" else ("ANALYZE",):
            connection.cursor().execute(statement)
        connection.close()


def _ignore(_: str) -> None:
    """Nobody counts the statements."""


def _statements(kind: str, count: int, step: int, owner: str, reader: str) -> Iterator[str]:
    """What makes the records and their access lists."""
    numbers, data, counting = (part.replace("{count}", str(count)) for part in _DIALECTS[kind])
    start = now() - count - 1000
    body = _BODY.format(start=start, rank=_RANK.format(count=count), filler=_FILLER)
    parent = _LIST.removesuffix("/records")
    scope = f"'{parent}', 'record'"
    yield (
        f"INSERT INTO record {counting}SELECT {scope}, 'seed-' || n, {start} + n, false, {body}"
        f"{data.replace('{body}', body)} FROM {numbers}"
    )
    yield f"INSERT INTO timeline VALUES ({scope}, {start + count}, 0, 0)"
    for permission, principal, which in (("write", owner, "true"), ("read", reader, f"n - n / {step} * {step} = 0")):
        row = f"'{_LIST}/seed-' || n, '{permission}', '{principal}', '6/records', '{_LIST}/'"
        columns = "(object_id, permission, principal, kind, list)"
        yield f"INSERT INTO ace {columns} {counting}SELECT {row} FROM {numbers} WHERE {which}"


def _settings(kind: str, url: str) -> Mapping[str, Any]:
    storage = {"storage_backend": f"cliquet.storage.{kind}", "storage_url": url, "storage_synchronous": "NORMAL"}
    permission = {"permission_backend": f"cliquet.permission.{kind}", "permission_url": url}
    plugins = {"includes": "cliquet.plugins.permissions_endpoint", "cache_backend": "cliquet.cache.memory"}
    others = {"project_name": "kinto", "multiauth.policies": "basicauth", "userid_hmac_secret": _SECRET}
    return {**storage, **permission, **plugins, **others}


@contextmanager
def opened(kind: str, name: str, records: int, shared: int, database: PostgreSQL, folder: Path) -> Iterator[Multitude]:
    """A store that has been filled.

    :param kind: ``postgresql`` or ``sqlite``.
    :param name: of the database or file.
    """
    url = f"sqlite:///{folder}/{name}.sqlite3"
    if kind == "postgresql":
        database.create(name)
        url = database.url(name)
    settings = _settings(kind, url)
    migrated({"storage_backend": settings["storage_backend"], "storage_url": url})
    owner = Client(kinto.main(None, **settings), ("owner", "secret"))
    logging.getLogger().setLevel(logging.WARNING)
    store = Multitude(records, shared, owner, owner.as_user("reader"), owner.as_user("member"))
    store.fill(kind)
    yield store
    owner.storage.close()
