"""What the page about porting promises: applications keep their shape, records their timestamps."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest
from pyramid.config import Configurator
from pyramid.request import Request
from webtest import TestApp

import cliquet
from cliquet import resource
from cliquet.web.authentication import basicauth
from tests.functional.documented import blocks

ALICE = ("alice", "secret")


class Note(resource.UserResource):
    schema = resource.Anything


class Answer:
    """An answer as ``requests`` tells it."""

    def __init__(self, response: Any) -> None:
        self.headers = response.headers
        self.ok = response.status_int < 400
        self.json = lambda: response.json

    def raise_for_status(self) -> None:
        assert self.ok


class Loopback:
    """Does what ``requests`` does, without a network."""

    def __init__(self, **services: TestApp) -> None:
        self._services = services

    def get(self, url: str, auth: tuple[str, str], timeout: int) -> Answer:
        return self._asked(url, auth, lambda app, path: app.get(path))

    def post(self, url: str, json: Any, auth: tuple[str, str], timeout: int) -> Answer:
        return self._asked(url, auth, lambda app, path: app.post_json(path, json, expect_errors=True))

    def delete(self, url: str, params: dict[str, int], auth: tuple[str, str], timeout: int) -> Answer:
        return self._asked(f"{url}?last_modified={params['last_modified']}", auth, lambda app, path: app.delete(path))

    def _asked(self, url: str, auth: tuple[str, str], ask: Callable[[TestApp, str], Any]) -> Answer:
        where = urlsplit(url)
        app = self._services[where.hostname or ""]
        app.authorization = ("Basic", auth)
        return Answer(ask(app, f"{where.path}?{where.query}"))


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """Imports a module that the page shows."""
    monkeypatch.syspath_prepend(str(tmp_path))
    names: list[str] = []

    def load(name: str) -> ModuleType:
        block = next(block for block in blocks("docs/porting.md") if block.name == f"{name}.py")
        (tmp_path / block.name).write_text(block.text, encoding="utf-8")
        names.append(name)
        return importlib.import_module(name)

    yield load
    for name in names:
        del sys.modules[name]


def service(host: str) -> TestApp:
    settings = {"storage_backend": "cliquet.storage.memory", "paginate_by": 2, "http_host": host}
    config = Configurator(settings=settings)
    cliquet.initialize(config, version="1.0")
    config.add_resource(Note)
    return TestApp(config.make_wsgi_app())


def test_copied_records_keep_their_timestamps(
    page: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = service("old"), service("new")
    copy_records = page("copy_records")
    monkeypatch.setattr(copy_records, "requests", Loopback(old=old, new=new))
    old.authorization = ("Basic", ALICE)
    notes = [old.post_json("/v1/notes", {"data": {"n": number}}).json["data"] for number in range(5)]
    old.delete(f"/v1/notes/{notes[1]['id']}")
    assert copy_records.copy("http://old/v1/notes", "http://new/v1/notes", ALICE) == 5
    new.authorization = ("Basic", ALICE)
    for everything in ("/v1/notes?_since=0", "/v1/notes?_since=0&_sort=last_modified"):
        assert new.get(everything).json == old.get(everything).json
        assert new.get(everything).headers["ETag"] == old.get(everything).headers["ETag"]


def test_an_application_keeps_its_shape(page: Callable[[str], ModuleType]) -> None:
    app = TestApp(page("tasks").main(storage_backend="cliquet.storage.memory"))
    app.authorization = ("Basic", ALICE)
    task = app.post_json("/v1/tasks", {"data": {"name": "Write", "done": True}}, status=201).json["data"]
    refused = app.patch_json(f"/v1/tasks/{task['id']}", {"data": {"done": False}}, status=400)
    assert refused.json["details"][0]["description"] == "It is done already."


def test_user_ids_of_basicauth_are_those_of_cliquet_3() -> None:
    config = Configurator(settings={"storage_backend": "cliquet.storage.memory", "userid_hmac_secret": ""})
    cliquet.initialize(config, version="1.0")
    request = Request.blank("/", headers={"Authorization": "Basic bWF0OjE="})
    request.registry = config.registry
    assert basicauth(request) == "9f2d363f98418b13253d6d7193fc88690302ab0ae21295521f6029dffe9dc3b0"
