"""The servers that the tests run against are real, private to a worker, and gone after the run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis
import sqlalchemy as sa

from cliquet.testing.servers import OwnedRun, ServerUnavailable
from cliquet.testing.servers import redis as redis_server
from cliquet.testing.servers.process import Place

#: The oldest versions that are supported.
POSTGRESQL, REDIS = 13, (6, 2)

ANOTHER_RUN = """
pytest_plugins = ["cliquet.testing.plugin"]

def test_with_both_servers(postgresql_url, redis_url):
    print(redis_url, flush=True)
    input()
"""


def scalar(url: str, query: str) -> object:
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        return connection.exec_driver_sql(query).scalar_one()


def test_postgresql_answers_with_its_version(postgresql_url: str) -> None:
    assert int(str(scalar(postgresql_url, "SHOW server_version_num"))) >= POSTGRESQL * 10_000


def test_postgresql_does_not_run_with_the_rights_of_root(postgresql_url: str) -> None:
    directory = scalar(postgresql_url, "SHOW data_directory")
    if os.environ.get("CLIQUET_TEST_POSTGRESQL_URL"):
        pytest.skip("the server is not ours")
    assert Path(str(directory)).stat().st_uid != 0


def test_each_call_of_the_factory_gives_a_fresh_empty_database(postgresql_database: Callable[[], str]) -> None:
    first, second = postgresql_database(), postgresql_database()
    assert first != second
    for url in (first, second):
        assert scalar(url, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == 0


def test_redis_answers_with_its_version(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        version = client.info("server")["redis_version"]
        assert tuple(int(part) for part in version.split(".")[:2]) >= REDIS


def test_each_worker_has_a_redis_database_of_its_own() -> None:
    urls = {redis_server.numbered("redis://localhost:6379", number) for number in range(4)}
    assert len(urls) == 4


def test_sqlite_starts_without_a_file(sqlite_url: str) -> None:
    assert not Path(sqlite_url.removeprefix("sqlite:///")).exists()
    assert scalar(sqlite_url, "SELECT 1") == 1


def test_pgbouncer_pools_by_transaction(pgbouncer_url: str) -> None:
    url = sa.make_url(pgbouncer_url)
    host, port = str(url.query["host"]), int(str(url.query["port"]))
    clients = [
        psycopg.connect(host=host, port=port, user=url.username, dbname=url.database, prepare_threshold=None)
        for _ in range(4)
    ]
    found = set()
    for client in clients:
        found.add(client.execute("SELECT pg_backend_pid()").fetchone())
        client.commit()
    for client in clients:
        client.close()
    assert len(found) == 1


def test_a_server_that_cannot_start_says_why() -> None:
    def start(place: Place) -> str:
        raise ServerUnavailable("no such program")

    run = OwnedRun.open()
    for _ in range(2):
        with pytest.raises(ServerUnavailable, match="no such program"):
            run.server("nothing", start)
    run.close()
    assert not run.directory.exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_is_left_when_a_run_is_killed(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "test_another_run.py").write_text(ANOTHER_RUN)
    run = another_run(tmp_path)
    assert run.stdout
    directory = next(Path(line.split("//")[1]).parent.parent for line in run.stdout if line.startswith("unix://"))
    assert (directory / "redis").exists()
    run.send_signal(number)
    run.communicate()
    assert gone(directory)


def another_run(folder: Path) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CLIQUET_", "PYTEST_"))}
    environment = {**kept, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "pytest", "-s", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    return subprocess.Popen(
        [*command, "-c", os.devnull, "--rootdir", str(folder), str(folder)],
        cwd=folder, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip


def gone(directory: Path) -> bool:
    deadline = time.monotonic() + 20
    while directory.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not directory.exists()
