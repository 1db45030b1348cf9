"""One request is one transaction: kept when it succeeds, undone when it does not, run again when the database asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPForbidden, HTTPServiceUnavailable
from pyramid.response import Response

import cliquet
from cliquet import resource
from cliquet.database.transaction import Transaction
from cliquet.errors import BackendError, Overloaded, Retryable, raise_invalid
from cliquet.model import Model
from cliquet.storage.memory import MemoryStorage
from cliquet.testing.app import Client, make_app, make_wsgi_app

UUID = "9f2d363f-9841-8b13-253d-6d7193fc8869"


class Order(resource.UserResource):
    """An order writes a line in a journal, then may be refused in several ways."""

    schema = resource.Anything

    def process_record(self, new: dict[str, Any], old: dict[str, Any] | None = None) -> dict[str, Any]:
        journal = Model(self.context.storage, resource="journal", parent="all", transaction=self.transaction)
        journal.create_record({"order": new["id"]})
        if new.get("then") == "400":
            raise_invalid(description="No.")
        if new.get("then") == "403":
            raise HTTPForbidden
        if new.get("then") == "503":
            raise HTTPServiceUnavailable
        if new.get("then") == "500":
            raise ZeroDivisionError
        if new.get("then") == "backend":
            raise BackendError(ValueError("password=hunter2"))
        return new

    def collection_delete(self) -> Any:
        super().collection_delete()
        return Response(status=418, json_body={"code": 418})


def configure(config: Configurator) -> None:
    service = cliquet.Service(name="down", path="/down")
    service.add_view("GET", lambda request: Response(status=503, json_body={"code": 503}))
    config.add_cornice_service(service)


@pytest.fixture
def shop(storage_settings: dict[str, Any], serve: Callable[[Any], Client]) -> Client:
    return serve(make_wsgi_app(storage_settings, resources=[Order], configure=configure))


def journal(app: Client) -> list[Any]:
    return Model(app.storage, resource="journal", parent="all").get_records()


def order(app: Client, then: str = "", **arguments: Any) -> Any:
    return app.post_json("/v1/orders", {"data": {"then": then}}, **arguments)


def put(then: str = "") -> dict[str, Any]:
    return {"method": "POST", "path": "/orders", "body": {"data": {"then": then}}}


def test_a_success_keeps_everything(shop: Client) -> None:
    order(shop, status=201)
    assert len(journal(shop)) == 1


@pytest.mark.parametrize(("then", "status"), [("400", 400), ("403", 403), ("503", 503), ("500", 500), ("backend", 503)])
def test_a_refusal_keeps_nothing(shop: Client, then: str, status: int) -> None:
    response = order(shop, then, status=status)
    assert "hunter2" not in response.text
    assert journal(shop) == []
    assert shop.get("/v1/orders").json["data"] == []
    assert shop.get("/v1/orders").headers["ETag"] == '"0"'


def test_an_error_that_is_returned_keeps_nothing_either(shop: Client) -> None:
    order(shop)
    shop.delete("/v1/orders", status=418)
    assert len(shop.get("/v1/orders").json["data"]) == 1


def test_a_refusal_within_a_batch_undoes_its_own_writes_alone(shop: Client) -> None:
    parts = [put(), put("400"), put("403"), put(), {"method": "DELETE", "path": "/orders"}]
    found = shop.post_json("/v1/batch", {"requests": parts}).json["responses"]
    assert [one["status"] for one in found] == [201, 400, 403, 201, 418]
    assert len(journal(shop)) == 2
    assert len(shop.get("/v1/orders").json["data"]) == 2


@pytest.mark.parametrize(("then", "status"), [("503", 503), ("500", 500), ("backend", 503)])
@pytest.mark.parametrize("atomic", [False, True])
def test_any_5xx_undoes_the_whole_batch(shop: Client, then: str, status: int, atomic: bool) -> None:
    response = shop.post_json("/v1/batch", {"requests": [put(), put(then), put()], "atomic": atomic}, status=status)
    assert (response.json["code"], "responses" in response.json) == (status, False)
    assert ("Retry-After" in response.headers) == (status == 503)
    assert journal(shop) == []
    assert shop.get("/v1/orders").headers["ETag"] == '"0"'


def test_a_5xx_that_is_returned_aborts_the_batch_too(shop: Client) -> None:
    shop.post_json("/v1/batch", {"requests": [{"path": "/"}, {"path": "/down"}]}, status=503)
    shop.post_json("/v1/batch", {"requests": [put(), {"path": "/down"}]}, status=503)
    assert journal(shop) == []


class Hesitant(MemoryStorage):
    """Refuses the first commits with an error that says to try again."""

    refusals = 0
    attempts = 0
    error: Exception = Retryable(ValueError("deadlock detected: password=hunter2"))

    def lock(self, scopes: Any, *, transaction: Transaction) -> None:
        super().lock(scopes, transaction=transaction)
        self.attempts += 1
        transaction.join("hesitation", lambda: _Hesitation(self))


class _Hesitation:
    def __init__(self, storage: Hesitant) -> None:
        self.storage = storage

    def prepare(self) -> None:
        if self.storage.refusals:
            self.storage.refusals -= 1
            raise self.storage.error

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def mark(self) -> None: ...

    def rewind(self, mark: Any) -> None: ...

    def release(self, mark: Any) -> None: ...


@contextmanager
def hesitating(refusals: int, error: Exception | None = None, **settings: Any) -> Iterator[tuple[Client, Hesitant]]:
    app = make_app({"storage_backend": f"{__name__}.backend", **settings})
    storage: Any = app.storage
    storage.refusals = refusals
    storage.error = error or storage.error
    yield app, storage


class backend:
    """What the setting names."""

    @staticmethod
    def load_from_config(config: Any) -> Hesitant:
        return Hesitant()


def test_a_transaction_is_run_again_when_the_database_asks() -> None:
    with hesitating(3) as (app, storage):
        app.post_json("/v1/notes", {"data": {"a": 1}}, status=201)
        assert storage.attempts == 4
        assert len(app.get("/v1/notes").json["data"]) == 1


def test_a_batch_is_run_again_as_a_whole() -> None:
    with hesitating(2) as (app, _):
        parts = [{"method": "POST", "path": "/notes", "body": {"data": {"n": n}}} for n in range(3)]
        found = app.post_json("/v1/batch", {"requests": parts}).json["responses"]
        assert [one["status"] for one in found] == [201] * 3
        assert len(app.get("/v1/notes").json["data"]) == 3


def test_once_too_often_is_a_503() -> None:
    with hesitating(2, transaction_attempts=2) as (app, storage):
        response = app.post_json("/v1/notes", {"data": {}}, status=503)
        assert storage.attempts == 2
        assert response.json["errno"] == 201
        assert response.headers["Retry-After"] == "30"
        assert "hunter2" not in response.text
        assert app.get("/v1/notes").headers["ETag"] == '"0"'
        app.post_json("/v1/notes", {"data": {}}, status=201)


@pytest.mark.parametrize("error", [BackendError(ValueError("password=hunter2")), Overloaded(TimeoutError("pool"))])
def test_another_failure_is_a_503_at_once(error: Exception) -> None:
    with hesitating(1, error, retry_after_seconds=7) as (app, storage):
        response = app.put_json(f"/v1/notes/{UUID}", {"data": {}}, status=503)
        assert storage.attempts == 1
        assert response.headers["Retry-After"] == "7"
        assert "hunter2" not in response.text
        app.get(f"/v1/notes/{UUID}", status=404)
