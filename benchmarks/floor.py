"""The floor: bare views of Pyramid and Cornice, with one statement each, on the same pool; they know no users.

``GET record``, the list of records, ``If-None-Match`` and ``_since`` are answered as the services that are measured
answer them, from one table.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
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
)
_INSERT = "INSERT INTO record VALUES (%s, %s, %s, %s)"
_GET = "SELECT last_modified, body FROM record WHERE parent = %s AND id = %s"
_TIME = "SELECT max(last_modified) FROM record WHERE parent = %s"
_PAGE = (
    "SELECT last_modified, body FROM record WHERE parent = %s AND last_modified > %s "
    "ORDER BY last_modified DESC LIMIT %s"
)
_PARENT = RECORDS.removesuffix("/records")
_START = 1_790_000_000_000

#: The rows of a statement.
Read = Callable[..., Sequence[Any]]


def main(global_config: Any = None, **settings: Any) -> Any:
    """The WSGI application."""
    read = _reader(settings["kind"], settings["url"])
    config = Configurator()
    config.include("cornice")
    for path, view in (("/", _hello), (RECORDS, _listed(read)), (f"{RECORDS}/{{id}}", _one(read))):
        service = Service(name=path, path=f"/v1{path}")
        service.add_view("GET", view)
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


def _reader(kind: str, url: str) -> Read:
    """Runs a statement on a connection of the pool."""
    pool = _pool(kind, url)

    def read(statement: str, *values: Any) -> Sequence[Any]:
        connection = pool.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(_spelled(kind, statement), values)
            rows: Sequence[Any] = cursor.fetchall()
            return rows
        finally:
            connection.close()

    return read


def _hello(request: Any) -> Any:
    return {"http_api_version": "1"}


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


def _response(time: int, text: str) -> Response:
    body = text.encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("ETag", f'"{time}"')]
    return Response(app_iter=[body], headerlist=headers)
