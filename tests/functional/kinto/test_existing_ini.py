"""The INI file of a Kinto server starts the store, also where it names what means nothing here."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cliquet.testing.service import Client, Service

EXISTING = Path(__file__).with_name("existing.ini")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The store, started with the file, and a variable as Kinto has them."""
    folder = tmp_path_factory.mktemp("existing")
    shutil.copy(EXISTING, folder / "kinto.ini")
    with Service(folder / "kinto.ini", folder, {"KINTO_BATCH_MAX_REQUESTS": "7"}) as found:
        yield found


@pytest.fixture(scope="module")
def alice(service: Service) -> Client:
    """Somebody with an account."""
    client = Client(f"{service.url}/v1", user="alice:correct horse")
    account = {"data": {"password": "correct horse"}}
    assert Client(client.url).request("PUT", "/accounts/alice", account).status == 201
    return client


def test_the_service_has_the_name_that_the_file_gives_it(alice: Client) -> None:
    hello = alice.request("GET", "/").json
    assert (hello["project_name"], hello["project_docs"]) == ("Our Store", "https://store.example/docs/")
    assert hello["settings"]["batch_max_requests"] == 7
    assert hello["user"]["id"] == "account:alice"
    assert hello["config"] is None


def test_plugins_are_there_by_their_names_and_by_their_switches(alice: Client) -> None:
    expected = {"accounts", "default_bucket", "history", "permissions_endpoint", "quotas", "schema", "user_data"}
    assert set(alice.request("GET", "/").json["capabilities"]) == {*expected, "basicauth"}


def test_settings_of_plugins_and_endpoints_have_their_effect(alice: Client) -> None:
    for path in ("/buckets/limited", "/buckets/limited/collections/c"):
        assert alice.request("PUT", path, {}).status == 201
    statuses = [alice.request("POST", "/buckets/limited/collections/c/records", {}).status for _ in range(4)]
    assert statuses == [201, 201, 201, 507]
    assert alice.request("POST", "/buckets/limited/groups", {}).status == 405


def test_ids_are_made_as_the_file_says(alice: Client) -> None:
    path = "/buckets/default/collections/tasks/records"
    assert len(alice.request("POST", "/buckets", {}).json["data"]["id"]) == 8
    assert len(alice.request("POST", path, {}).json["data"]["id"]) == 36
    assert alice.request("PUT", f"{path}/a-slug_1", {}).status == 201


def test_what_has_no_effect_is_told_once_each(service: Service) -> None:
    log = service.log.read_text()
    assert "Warning: The logging of" in log
    for name in ("cache_hosts", "sentry_env", "storage_max_backlog", "initialization_sequence", "profiler_dir"):
        assert log.count(f"Setting '{name}' has no effect") == 1
    for nothing in ("sentry_dsn", "event_listeners", "backoff_percentage", "newrelic_config", "profiler_enabled"):
        assert nothing not in log
