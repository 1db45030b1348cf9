"""The data of another server comes over with its timestamps, tombstones and permissions."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cliquet.testing.service import Client, Service

INI = Path(__file__).parents[3] / "examples" / "kinto" / "kinto.ini"
ADMIN = "admin:secret"


def on(folder: Path) -> dict[str, str]:
    """Variables for a store of its own."""
    url = f"sqlite:///{folder}/kinto.sqlite"
    return {
        "CLIQUET_STORAGE_URL": url,
        "CLIQUET_PERMISSION_URL": url,
        "CLIQUET_USERID_HMAC_SECRET": "the same on both",
        "CLIQUET_MULTIAUTH_POLICIES": "basicauth",
        "CLIQUET_INCLUDES": "",
    }


def served(folder: Path) -> Service:
    folder.mkdir(exist_ok=True)
    return Service(INI, folder, on(folder))


def moved(folder: Path, url: str, *options: str, user: str = ADMIN) -> str:
    """What ``python -m kinto.move`` prints."""
    folder.mkdir(exist_ok=True)
    paths = os.pathsep.join(path for path in sys.path if path)
    environ = {**os.environ, "PYTHONPATH": paths, "PYTHONWARNINGS": "ignore", "KINTO_MOVE_USER": user, **on(folder)}
    command = [sys.executable, "-m", "kinto.move", "--ini", str(INI), "--from", url, *options]
    done = subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def send(client: Client, method: str, path: str, content: Any = None) -> Any:
    answer = client.request(method, path, content)
    assert answer.status < 300, answer
    return answer.json


def fill(client: Client) -> None:
    send(client, "PUT", "/buckets/b", {"data": {"color": "red"}, "permissions": {"read": ["system.Everyone"]}})
    send(client, "PUT", "/buckets/b/groups/g", {"data": {"members": ["basicauth:bob"]}})
    collection = {"permissions": {"record:create": ["/buckets/b/groups/g"]}}
    send(client, "PUT", "/buckets/b/collections/c", collection)
    for number in range(60):
        path = f"/buckets/b/collections/c/records/r{number}"
        send(client, "PUT", path, {"data": {"n": number}, "permissions": {"write": [f"basicauth:{number}"]}})
    for number in range(0, 60, 3):
        send(client, "DELETE", f"/buckets/b/collections/c/records/r{number}")
    send(client, "PUT", "/buckets/b/collections/gone", {})
    send(client, "DELETE", "/buckets/b/collections/gone")


def everything(client: Client) -> Mapping[str, Any]:
    """The lists, and the objects with their permissions."""
    lists = ("/buckets", "/buckets/b/groups", "/buckets/b/collections", "/buckets/b/collections/c/records")
    found = {path: send(client, "GET", f"{path}?_since=0") for path in lists}
    objects = [f"{path}/{one['id']}" for path in lists for one in found[path]["data"] if not one.get("deleted")]
    return {**found, **{path: send(client, "GET", path) for path in objects}}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server whose data nobody changes."""
    with filled(tmp_path_factory.mktemp("source")) as client:
        yield client


@contextmanager
def filled(folder: Path, **more: str) -> Iterator[Client]:
    """A server with data of :data:`ADMIN`; some of its variables are others."""
    with Service(INI, folder, {**on(folder), **more}) as service:
        client = Client(f"{service.url}/v1", ADMIN)
        fill(client)
        yield client


def test_all_is_the_same_afterwards_and_a_second_time_nothing_is_left_to_do(source: Client, tmp_path: Path) -> None:
    wanted = everything(source)
    report = moved(tmp_path / "target", source.url)
    assert [line.split(maxsplit=1) for line in report.splitlines()] == [
        ["1", "buckets"],
        ["1", "collections"],
        ["1", "groups"],
        ["40", "records"],
        ["21", "tombstones"],
    ]
    assert moved(tmp_path / "target", source.url).split(maxsplit=1) == ["64", "here already\n"]
    with served(tmp_path / "target") as service:
        assert everything(Client(f"{service.url}/v1", ADMIN)) == wanted


@pytest.fixture(scope="module")
def of_others(source: Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server whose administrator may change everything by settings, and made nothing: seen by who made it."""
    administrator = Client(source.url, "root:secret").request("GET", "/").json["user"]["id"]
    levels = ("bucket", "collection", "group", "record")
    settings = {f"CLIQUET_{level.upper()}_WRITE_PRINCIPALS": administrator for level in levels}
    more = {"CLIQUET_BUCKET_READ_PRINCIPALS": administrator, "CLIQUET_BUCKET_CREATE_PRINCIPALS": "system.Authenticated"}
    with filled(tmp_path_factory.mktemp("others"), **settings, **more) as client:
        yield client


def test_permissions_that_nobody_showed_come_with_a_later_copy(of_others: Client, tmp_path: Path) -> None:
    first = moved(tmp_path / "target", of_others.url, user="root:secret")
    assert "43 objects without visible permissions" in first
    assert "43 permissions of what was here" in moved(tmp_path / "target", of_others.url)
    with served(tmp_path / "target") as service:
        assert everything(Client(f"{service.url}/v1", ADMIN)) == everything(of_others)


def test_an_administrator_by_settings_takes_the_permissions_over_as_a_writer(of_others: Client, tmp_path: Path) -> None:
    wanted = moved(tmp_path / "target", of_others.url, "--claim", user="root:secret")
    assert "43 claimed" in wanted
    assert "without visible permissions" not in wanted
    with served(tmp_path / "target") as service:
        assert everything(Client(f"{service.url}/v1", ADMIN)) == everything(of_others)
        assert everything(Client(f"{service.url}/v1", "root:secret")) == everything(of_others)


def test_what_changed_since_the_last_time_comes_over(tmp_path: Path) -> None:
    with filled(tmp_path) as changing:
        moved(tmp_path / "target", changing.url)
        send(changing, "PATCH", "/buckets/b/collections/c/records/r1", {"data": {"n": "new"}})
        send(changing, "DELETE", "/buckets/b/collections/c/records/r2")
        send(changing, "PATCH", "/buckets/b", {"permissions": {"read": []}})
        moved(tmp_path / "target", changing.url)
        wanted = everything(changing)
    with served(tmp_path / "target") as service:
        assert everything(Client(f"{service.url}/v1", ADMIN)) == wanted


def test_a_server_that_refuses_is_told_in_one_line(source: Client, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"Error: GET http://127\.0\.0\.1:\d+/v2/buckets.*: 404"):
        moved(tmp_path / "target", source.url.replace("/v1", "/v2"))
