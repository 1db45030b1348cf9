"""A store with 100 000 records in one collection, among thousands of others who have buckets of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cliquet.database.engine import Database
from cliquet.testing.app import Client

__all__ = ["BUCKET", "GROUP", "MANY", "NEWEST", "RECORDS", "START", "populate"]

BUCKET = "/v1/buckets/b"
GROUP = f"{BUCKET}/groups/g"
RECORDS = f"{BUCKET}/collections/c/records"
MANY = 100_000
#: With fewer, it would be right to read the table of all members of groups.
OTHERS = 8_000
#: The time of the first record; the others come one ms after the other.
START = 1_000_000_000_000
NEWEST = START + MANY
#: Of how many records, every so-manyth is shared with somebody; what is deleted of them still is.
SHARED = {"olaf": (MANY, 1000), "oscar": (MANY, 10), "odile": (MANY // 8, 5)}

_LIST = RECORDS.removeprefix("/v1")
_NUMBERS = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {})"


def populate(owner: Client, **people: Client) -> None:
    """Fill an empty store that somebody will own.

    :param people: rita reads the bucket and mary writes it as members of groups; with the others, records are shared.
    """
    ids = {name: one.get("/v1/").json["user"]["id"] for name, one in {"owner": owner, **people}.items()}
    groups = {"read": ["/buckets/b/groups/g"], "write": ["/buckets/b/groups/writers"]}
    owner.put_json(BUCKET, {"permissions": groups})
    owner.put_json(GROUP, {"data": {"members": [ids["rita"]]}})
    owner.put_json(f"{BUCKET}/groups/writers", {"data": {"members": [ids["mary"]]}})
    owner.put_json(f"{BUCKET}/collections/c", {})
    storage: Any = owner.storage
    database: Database = storage.database
    data = database.driver.name == "postgresql"
    with database.engine.begin() as connection:
        for statement in (*_ours(ids, data=data), *_of_others(data=data)):
            connection.exec_driver_sql(statement)
    with database.connect() as connection:
        connection.exec_driver_sql("ANALYZE")


def _records(most: int, parent: str, resource: str, record_id: str, *, data: bool) -> str:
    """:param data: whether there is a column for searching."""
    body = f"""'{{"id":"' || {record_id} || '","last_modified":' || ({START} + n) || ',"n":' || n || '}}'"""
    cells = f"{body}, CAST({body} AS jsonb)" if data else body
    row = f"{parent}, '{resource}', {record_id}, {START} + n, n - n / 10 * 10 = 5, {cells}"
    return f"INSERT INTO record {_NUMBERS.format(most)} SELECT {row} FROM n"


def _entries(most: int, list_: str, record_id: str, permission: str, principal: str, kind: str, step: int = 1) -> str:
    columns = "(object_id, permission, principal, kind, list)"
    row = f"SELECT {list_} || {record_id}, '{permission}', {principal}, '{kind}', {list_} FROM n"
    return f"INSERT INTO ace {columns} {_NUMBERS.format(most)} {row} WHERE n - n / {step} * {step} = 0"


def _ours(ids: dict[str, str], *, data: bool) -> Iterator[str]:
    parent = _LIST.removesuffix("/records")
    yield _records(MANY, f"'{parent}'", "record", "'r' || n", data=data)
    yield f"INSERT INTO timeline VALUES ('{parent}', 'record', {NEWEST}, 0, 0)"
    yield _entries(MANY, f"'{_LIST}/'", "'r' || n", "write", f"'{ids['owner']}'", "6/records")
    for name, (most, step) in SHARED.items():
        yield _entries(most, f"'{_LIST}/'", "'r' || n", "read", f"'{ids[name]}'", "6/records", step)


def _of_others(*, data: bool) -> Iterator[str]:
    """Each has a bucket with a group, a collection and a record."""
    bucket, person = "'/buckets/x' || n", "'basicauth:x' || n"
    kinds = {"bucket": ("''", "'x' || n"), "group": (bucket, "'g'"), "collection": (bucket, "'c'")}
    kinds["record"] = (f"{bucket} || '/collections/c'", "'r'")
    for resource, (parent, record_id) in kinds.items():
        yield _records(OTHERS, parent, resource, record_id, data=data)
        list_ = f"{parent} || '/{resource}s/'"
        depth = {"bucket": 2, "record": 6}.get(resource, 4)
        yield _entries(OTHERS, list_, record_id, "write", person, f"{depth}/{resource}s")
    times = f"SELECT DISTINCT parent, resource, {START}, 0, 0 FROM record"
    yield f"INSERT INTO timeline {times} WHERE true ON CONFLICT DO NOTHING"
    group = f"{bucket} || '/groups/g'"
    yield f"INSERT INTO member (user_id, principal) {_NUMBERS.format(OTHERS)} SELECT {person}, {group} FROM n"
    yield _entries(OTHERS, "'/buckets/'", "'x' || n", "read", group, "2/buckets")
