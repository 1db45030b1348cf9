"""The floor: bare views of Pyramid and Cornice on the same pool, with as many statements as the services need.

They know no users, permissions, schemas, filters, events or errors. What they read they answer as the services that are
measured do; what they write, they write under the lock of the collection's time, in one transaction. No service that
is made of the same parts can cost less.
"""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa
from cornice import Service
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import Response

from benchmarks.store import RECORDS, number, record, seed_id

__all__ = ["fill", "main"]

_CREATE = (
    "CREATE TABLE record (parent TEXT, id TEXT, last_modified BIGINT, body TEXT, PRIMARY KEY (parent, id))",
    "CREATE UNIQUE INDEX record_time ON record (parent, last_modified)",
    "CREATE TABLE timeline (parent TEXT PRIMARY KEY, time BIGINT)",
)
_INSERT = "INSERT INTO record VALUES (%s, %s, %s, %s)"
_GET = "SELECT last_modified, body FROM record WHERE parent = %s AND id = %s"
_TIME = "SELECT max(last_modified) FROM record WHERE parent = %s"
_PAGE = (
    "SELECT last_modified, body FROM record WHERE parent = %s AND last_modified > %s "
    "ORDER BY last_modified DESC LIMIT %s"
)
_THERE = "SELECT id FROM record WHERE parent = %s AND id IN ({})"
_BEGIN = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "BEGIN"}
#: Takes the lock, and as many times as there are records.
_TIMES = (
    "UPDATE timeline SET time = CASE WHEN time + %s < %s THEN %s ELSE time + %s END WHERE parent = %s RETURNING time"
)
_PUT = f"{_INSERT} ON CONFLICT (parent, id) DO UPDATE SET last_modified = excluded.last_modified, body = excluded.body"
_PARENT = RECORDS.removesuffix("/records")
_START = 1_790_000_000_000

#: The rows of a statement.
Read = Callable[..., Sequence[Any]]
#: What was written of some records, by id, in their order: the JSON.
Write = Callable[[Mapping[str, Any]], Sequence[str]]


def main(global_config: Any = None, **settings: Any) -> Any:
    """The WSGI application."""
    pool = _pool(settings["kind"], settings["url"])
    read, write = _reader(settings["kind"], pool), _writer(settings["kind"], pool)
    config = Configurator()
    config.include("cornice")
    views = {
        "/": {"GET": _hello(read)},
        RECORDS: {"GET": _listed(read), "POST": _posted(write)},
        f"{RECORDS}/{{id}}": {"GET": _one(read), "PUT": _replaced(read, write)},
        "/batch": {"POST": _batch(read, write)},
    }
    for path, methods in views.items():
        service = Service(name=path, path=f"/v1{path}")
        for method, view in methods.items():
            service.add_view(method, view)
        config.add_cornice_service(service)
    return config.make_wsgi_app()


def fill(kind: str, url: str, records: int) -> None:
    """Make the table, with as many records."""
    rows = [(_PARENT, seed_id(index), _START + index, _body(index)) for index in range(records)]
    connect: Any = sqlite3.connect if kind == "sqlite" else psycopg.connect
    connection = connect(url.removeprefix("sqlite:///"))
    for statement in _CREATE:
        connection.execute(statement)
    connection.cursor().executemany(_spelled(kind, _INSERT), rows)
    connection.execute(_spelled(kind, "INSERT INTO timeline VALUES (%s, %s)"), (_PARENT, _START + records))
    connection.commit()
    connection.close()


def _body(index: int) -> str:
    return json.dumps({"id": seed_id(index), "last_modified": _START + index, **record(number(index))})


def _spelled(kind: str, statement: str) -> str:
    return statement.replace("%s", "?") if kind == "sqlite" else statement


def _pool(kind: str, url: str) -> sa.Engine:
    """Connections in autocommit, which are never in a transaction when they come back."""
    url = url.replace("postgresql://", "postgresql+psycopg://")
    options: dict[str, Any] = {"autocommit": True, "prepare_threshold": None}
    if kind == "sqlite":
        options = {"check_same_thread": False, "isolation_level": None}
    return sa.create_engine(url, poolclass=sa.QueuePool, pool_size=25, connect_args=options, pool_reset_on_return=None)


@contextmanager
def _cursor(pool: sa.Engine) -> Iterator[Any]:
    connection = pool.raw_connection()
    try:
        yield connection.cursor()
    finally:
        connection.close()


def _reader(kind: str, pool: sa.Engine) -> Read:
    """Runs a statement on a connection of the pool."""

    def read(statement: str, *values: Any) -> Sequence[Any]:
        with _cursor(pool) as cursor:
            cursor.execute(_spelled(kind, statement), values)
            rows: Sequence[Any] = cursor.fetchall()
            return rows

    return read


def _writer(kind: str, pool: sa.Engine) -> Write:
    """Puts records in one transaction."""

    def write(records: Mapping[str, Any]) -> Sequence[str]:
        now, count = time.time_ns() // 1_000_000, len(records)
        with _cursor(pool) as cursor:
            cursor.execute(_BEGIN[kind])
            cursor.execute(_spelled(kind, _TIMES), (count, now, now, count, _PARENT))
            ((newest,),) = cursor.fetchall()
            rows = [_row(name, newest - count + n, fields) for n, (name, fields) in enumerate(records.items(), 1)]
            (cursor.execute if count == 1 else cursor.executemany)(
                _spelled(kind, _PUT), rows[0] if count == 1 else rows
            )
            cursor.execute("COMMIT")
        return [text for *_, text in rows]

    return write


def _row(name: str, timestamp: int, fields: Mapping[str, Any]) -> tuple[Any, ...]:
    return _PARENT, name, timestamp, json.dumps({"id": name, "last_modified": timestamp, **fields})


def _there(read: Read, names: Sequence[str]) -> set[str]:
    """Which of some records there are already."""
    return {name for (name,) in read(_THERE.format(",".join(["%s"] * len(names))), _PARENT, *names)}


def _hello(read: Read) -> Any:
    def view(request: Any) -> Any:
        read(_GET, _PARENT, "")
        return {"http_api_version": "1"}

    return view


def _posted(write: Write) -> Any:
    def view(request: Any) -> Response:
        (text,) = write({str(uuid.uuid4()): request.json_body["data"]})
        return _response(0, f'{{"data":{text}}}', 201)

    return view


def _replaced(read: Read, write: Write) -> Any:
    def view(request: Any) -> Response:
        name = request.matchdict["id"]
        status = 200 if _there(read, [name]) else 201
        (text,) = write({name: request.json_body["data"]})
        return _response(0, f'{{"data":{text}}}', status)

    return view


def _batch(read: Read, write: Write) -> Any:
    """Puts of records, whatever else there may be."""

    def view(request: Any) -> Response:
        parts = {one["path"].rpartition("/")[2]: one["body"]["data"] for one in request.json_body["requests"]}
        there = _there(read, list(parts))
        written = zip(parts, write(parts), strict=True)
        answers = [_answer(name, text, 200 if name in there else 201) for name, text in written]
        return _response(0, f'{{"responses":[{",".join(answers)}]}}')

    return view


def _one(read: Read) -> Any:
    def view(request: Any) -> Response:
        rows = read(_GET, _PARENT, request.matchdict["id"])
        if not rows:
            raise HTTPNotFound()
        return _response(rows[0][0], f'{{"data":{rows[0][1]}}}')

    return view


def _listed(read: Read) -> Any:
    def view(request: Any) -> Response:
        known = request.headers.get("If-None-Match")
        if known is not None:
            ((newest,),) = read(_TIME, _PARENT)
            if known == f'"{newest}"':
                return Response(status=304, headerlist=[("ETag", known)])
        rows = read(_PAGE, _PARENT, int(request.GET.get("_since", 0)), int(request.GET.get("_limit", 10_000)))
        return _response(rows[0][0], f'{{"data":[{",".join(body for _, body in rows)}]}}')

    return view


def _answer(name: str, text: str, status: int) -> str:
    return f'{{"status":{status},"path":"{RECORDS}/{name}","headers":{{}},"body":{{"data":{text}}}}}'


def _response(timestamp: int, text: str, status: int = 200) -> Response:
    body = text.encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("ETag", f'"{timestamp}"')]
    return Response(status=status, app_iter=[body], headerlist=headers)
