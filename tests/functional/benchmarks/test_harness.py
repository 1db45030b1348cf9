"""The benchmarks measure what they say: a store that is filled, servers that answer, and answers that are looked at."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest
import webtest

from benchmarks import floor, seeds, services
from benchmarks.clones import Clone, multiply, tables
from benchmarks.database import PostgreSQL
from benchmarks.environments import Environment
from benchmarks.interleaved import Plan, Side, measured
from benchmarks.load import Orders, run
from benchmarks.processes import cpu_seconds
from benchmarks.seeds import Seed
from benchmarks.servers import Serving
from benchmarks.wire import Answer, Place
from benchmarks.workloads import BARE, READING_LIST, STORE, WORKLOADS

HERE = Environment(Path(sys.prefix))
NO_POSTGRESQL = PostgreSQL("nowhere")


def plain(url: str) -> str:
    """Without the driver."""
    return url.replace("postgresql+psycopg", "postgresql")


@pytest.fixture
def hello_server() -> Iterator[tuple[Place, list[bytes]]]:
    """A server whose answers are taken from a list, the last of them again and again."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = bodies.pop(0) if len(bodies) > 1 else bodies[0]
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Place("127.0.0.1", server.server_address[1], "/v1", records=0), bodies
        server.shutdown()
        thread.join()


def test_the_load_generator_counts_the_answers(hello_server: tuple[Place, list[bytes]]) -> None:
    place, bodies = hello_server
    bodies += [b'{"http_api_version": "1"}']
    found = run(Orders("hello", place, 3, 20, 0, 60))
    assert (len(found.times), found.wrong, found.refused) == (20, [], 0)
    assert all(time > 0 for time in found.times)


def test_the_load_generator_notices_a_wrong_body(hello_server: tuple[Place, list[bytes]]) -> None:
    place, bodies = hello_server
    bodies += [b'{"http_api_version": "1"}', b'{"another": "1"}', b'{"http_api_version": "1"}']
    found = run(Orders("hello", place, 1, 5, 0, 60))
    assert len(found.times) == 5
    assert found.wrong == ['GET /: 200 is no hello b\'{"another": "1"}\'']


def test_the_load_generator_stops_when_its_time_is_over(hello_server: tuple[Place, list[bytes]]) -> None:
    place, bodies = hello_server
    bodies += [b'{"http_api_version": "1"}']
    assert len(run(Orders("hello", place, 3, 20, 0, 0)).times) == 3


def test_the_cpu_of_a_process_and_its_children_is_counted() -> None:
    busy = "import time\nwhile time.process_time() < 0.2: pass\nprint('done', flush=True)\ninput()"
    script = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {busy!r}])"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"
        assert cpu_seconds(process.pid) >= 0.2
        process.communicate("\n")


#: On each backend enough to see that it was filled; all of them on one.
SOME = ["list of 100", "shared-only list", "poll"]


@pytest.mark.parametrize(
    ("kind", "workloads"), [("memory", SOME), ("sqlite", list(STORE)), ("postgresql", [*SOME, "POST", "DELETE"])]
)
def test_all_workloads_of_the_store_are_answered_well(
    kind: str, workloads: list[str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/store.sqlite" if kind == "sqlite" else ""
    if kind == "postgresql":
        url = plain(request.getfixturevalue("postgresql_database")())
    service = services.kinto("ours", HERE, kind, url)

    def fill(place: Place) -> Place:
        filled = seeds.store(place, Seed(kind, url, records=200, others=0 if kind == "memory" else 3))
        seeds.check(filled)
        return filled

    side = Side("ours", *service.prepared(tmp_path, Serving("waitress", 1, 4)), fill)
    measured([side], NO_POSTGRESQL, Plan(workloads, rounds=1, connections=3, scale=0.02, starts=1))
    assert list(side.rounds) == workloads
    assert all(measure.server_ms > 0 for (measure,) in side.rounds.values())
    assert side.memory > 1


def test_all_workloads_of_the_reading_list_are_answered_well(tmp_path: Path) -> None:
    service = services.reading_list("list", HERE, "sqlite", f"sqlite:///{tmp_path}/list.sqlite")
    server, place = service.prepared(tmp_path, Serving("waitress", 1, 4))
    side = Side("ours", server, place, lambda place: seeds.reading_list(place, connections=1))
    measured([side], NO_POSTGRESQL, Plan(list(READING_LIST), rounds=1, connections=1, scale=0.02, starts=1))
    assert set(side.rounds) == set(READING_LIST)


def test_a_service_is_served_by_as_many_processes_as_one_wants(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/floor.sqlite"
    floor.fill("sqlite", url, 1)
    service = services.floor("floor", HERE, "sqlite", url)
    server, place = service.prepared(tmp_path, Serving("waitress", 2, 2))
    server.start()
    try:
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        assert len(children) == 2
        assert run(Orders("hello", place, 4, 20, 0, 60)).wrong == []
    finally:
        server.stop()
    assert [child for child in children if Path(f"/proc/{child}").exists()] == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_floor_answers_as_the_store_does(kind: str, tmp_path: Path, postgresql_database: Callable[[], str]) -> None:
    url = f"sqlite:///{tmp_path}/floor.sqlite"
    if kind == "postgresql":
        url = plain(postgresql_database())
    floor.fill(kind, url, 400)
    app = webtest.TestApp(floor.main(None, kind=kind, url=url))
    newest = app.get("/v1/buckets/bench/collections/data/records?_limit=6")
    listed = newest.json["data"]
    place = Place("", 0, "/v1", 400, 0, newest.headers["ETag"], listed[5]["last_modified"], listed[0]["id"])
    for name in BARE:
        request, check = next(WORKLOADS[name].requests(place, random.Random(0), 0))
        headers, body = dict(request.headers), json.dumps(request.body).encode()
        response = app.request(f"/v1{request.path}", method=request.method, headers=headers, body=body)
        assert check(Answer(response.status_int, dict(response.headers), response.body)) == "", name


def test_clones_are_what_was_written_with_other_names_and_times(tmp_path: Path) -> None:
    path = tmp_path / "some.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE TABLE thing (name TEXT PRIMARY KEY, time INTEGER, body TEXT, raw BLOB, twice AS (1))"
        )
        connection.execute("CREATE TABLE other (name TEXT)")
        connection.execute("CREATE TABLE past (id TEXT PRIMARY KEY, told TEXT)")
        connection.execute("INSERT INTO past VALUES ('x', 'seed-123 was changed')")
        body = json.dumps({"id": "seed-123", "time": 1_700_000_000_000})
        rows = [("/seed-123", 1_700_000_000_000, body, b"\0"), ("/another", 1_700_000_000_000, "", None)]
        connection.executemany("INSERT INTO thing VALUES (?, ?, ?, ?)", rows)
        connection.commit()
    clones = [Clone({"123": "456"}, -1), Clone({"123": "789"}, -2)]
    multiply("sqlite", f"sqlite:///{path}", "seed-123", [1_700_000_000_000], lambda: clones)
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT name, time, body, raw FROM thing WHERE name <> '/another' ORDER BY time")
        assert found.fetchall() == [
            ("/seed-789", 1_699_999_999_998, '{"id": "seed-789", "time": 1699999999998}', b"\0"),
            ("/seed-456", 1_699_999_999_999, '{"id": "seed-456", "time": 1699999999999}', b"\0"),
            ("/seed-123", 1_700_000_000_000, body, b"\0"),
        ]
        assert connection.execute("SELECT count(*) FROM other").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM past").fetchone() == (1,), "what tells of it was copied"


def test_clones_in_postgresql_have_all_types_and_wake_no_trigger(postgresql_database: Callable[[], str]) -> None:
    url = plain(postgresql_database())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE thing (id TEXT PRIMARY KEY, at TIMESTAMP, data JSONB, gone BOOLEAN, none TEXT)"
        )
        connection.execute("CREATE TABLE past (id TEXT PRIMARY KEY, told TEXT)")
        connection.execute("INSERT INTO past VALUES ('x', 'seed-123 was changed')")
        connection.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'awake'; END $$;"
            "INSERT INTO thing VALUES ('seed-123', '2026-11-29 12:00:00.001', '{\"n\": 123}', false, NULL);"
            "CREATE TRIGGER watch BEFORE INSERT ON thing FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
        multiply("postgresql", url, "seed-123", [], lambda: [Clone({"123": "456"}, -1000)])
        rows = connection.execute("SELECT id, at::text, data->'n', gone, none FROM thing ORDER BY at").fetchall()
        assert connection.execute("SELECT count(*) FROM past").fetchone() == (1,), "what tells of it was copied"
    assert rows == [
        ("seed-456", "2026-11-29 11:59:59.001", 456, False, None),
        ("seed-123", "2026-11-29 12:00:00.001", 123, False, None),
    ]
    assert list(tables("postgresql", url).columns()) == ["past", "thing"]
