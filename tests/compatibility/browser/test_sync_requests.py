"""What one synchronisation of kinto.js asks of the service, request by request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest

from cliquet.testing.service import Client, Service, free_port
from tests.compatibility.browser.devices import Device, Place, in_step, new_device
from tests.compatibility.browser.node import Exchange, Page
from tests.compatibility.browser.proxy import proxied
from tests.compatibility.server import Kinto

Devices = tuple[Device, Device]


def query(exchange: Exchange) -> dict[str, str]:
    """The parameters of a request."""
    return {name: values[0] for name, values in parse_qs(urlsplit(exchange.url).query).items()}


def path(exchange: Exchange) -> str:
    """The path of a request, without the version."""
    return urlsplit(exchange.url).path.removeprefix("/v1")


def asked(exchanges: list[Exchange]) -> list[Exchange]:
    """Without the preflights."""
    return [exchange for exchange in exchanges if exchange.method != "OPTIONS"]


def lists(exchanges: list[Exchange]) -> list[Exchange]:
    """Those that read a list of records."""
    return [exchange for exchange in asked(exchanges) if path(exchange).endswith("/records")]


def batches(exchanges: list[Exchange]) -> list[Exchange]:
    """Those that send changes."""
    return [exchange for exchange in asked(exchanges) if path(exchange) == "/batch"]


def test_one_sync_is_a_series_of_requests_that_all_succeed(devices: Devices) -> None:
    device, place = devices[0], devices[0].place
    device.create("bread")
    assert device.sync()["ok"]
    found = asked(device.exchanges())
    assert [(one.method, path(one), one.status) for one in found] == [
        ("GET", place.path, 200),
        ("GET", place.records, 200),
        ("GET", "/", 200),
        ("POST", "/batch", 200),
        ("GET", place.records, 200),
    ]
    assert "exclude_id" in query(found[-1])


def test_a_record_is_created_only_where_there_is_none(devices: Devices) -> None:
    devices[0].create("bread")
    assert devices[0].sync()["ok"]
    [batch] = batches(devices[0].exchanges())
    [request] = batch.json["requests"]
    assert (request["method"], request["headers"]) == ("PUT", {"If-None-Match": "*"})


def test_a_record_is_changed_and_deleted_only_as_the_device_knew_it(devices: Devices) -> None:
    in_step(devices, "bread", "milk")
    device = devices[0]
    changed, gone = device.records()
    device.update(changed, "butter")
    device.remove(gone)
    device.exchanges()
    assert device.sync()["ok"]
    requests = [request for batch in batches(device.exchanges()) for request in batch.json["requests"]]
    assert {(request["method"], request["headers"]["If-Match"]) for request in requests} == {
        ("PUT", f'"{changed["last_modified"]}"'),
        ("DELETE", f'"{gone["last_modified"]}"'),
    }


def test_credentials_for_a_batch_may_be_in_its_defaults_alone(place: Place) -> None:
    requests = [{"method": "PUT", "path": f"{place.records}/bread", "body": {"data": {"title": "bread"}}}]
    body = {"defaults": {"headers": {"Authorization": place.authorization}}, "requests": requests}
    answer = Client(place.kinto.url).request("POST", "/batch", body)
    assert [each["status"] for each in answer.json["responses"]] == [201]


def test_every_answer_in_a_batch_has_the_record(place: Place) -> None:
    record = f"{place.records}/bread"
    requests = [
        {"method": "PUT", "path": record, "body": {"data": {"title": "bread"}}},
        {"method": "PATCH", "path": record, "body": {"data": {"title": "butter"}}},
        {"method": "DELETE", "path": record},
    ]
    answer = place.client.request("POST", "/batch", {"requests": requests})
    bodies = [each["body"]["data"] for each in answer.json["responses"]]
    assert [(body["id"], body.get("title"), body.get("deleted")) for body in bodies] == [
        ("bread", "bread", None),
        ("bread", "butter", None),
        ("bread", None, True),
    ]


def test_sixty_records_are_pushed_in_batches_as_large_as_hello_allows(devices: Devices) -> None:
    first, second = devices
    most = first.place.client.request("GET", "/").json["settings"]["batch_max_requests"]
    first.create(*(f"{number:02}" for number in range(60)))
    assert len(first.sync()["published"]) == 60
    sizes = [len(batch.json["requests"]) for batch in batches(first.exchanges())]
    assert sorted(sizes) == sorted([most] * (60 // most) + [60 % most] * (60 % most > 0))
    assert all(record["last_modified"] for record in first.records())
    assert len(second.sync()["created"]) == 60


def test_fifty_ids_can_be_excluded(devices: Devices) -> None:
    device = devices[0]
    device.create(*(f"{number:02}" for number in range(60)))
    assert device.sync()["ok"]
    last = lists(device.exchanges())[-1]
    assert last.status == 200
    assert len(query(last)["exclude_id"].split(",")) == 50


def test_the_second_sync_asks_only_for_what_is_new(devices: Devices) -> None:
    in_step(devices, "bread", "milk")
    first, second = devices
    [*_, known] = lists(second.exchanges())
    first.create("salt")
    assert first.sync()["ok"]
    assert [record["title"] for record in second.sync()["created"]] == ["salt"]
    poll = lists(second.exchanges())[-1]
    assert re.fullmatch(r'"\d+"', known.received["etag"]), "a strong validator"
    assert query(poll)["_since"].strip('"') == known.received["etag"].strip('"')


@pytest.mark.parametrize("quotes", ["{}", '"{}"'])
def test_the_time_of_the_last_sync_may_be_in_quotes(place: Place, quotes: str) -> None:
    place.fill(1)
    since = place.client.request("GET", place.records).headers["etag"].strip('"')
    place.fill(1)
    answer = place.client.request("GET", f"{place.records}?_since={quotes.format(since)}".replace('"', "%22"))
    assert (answer.status, len(answer.json["data"])) == (200, 1)


def test_a_server_where_nothing_happens_does_not_look_flushed(devices: Devices) -> None:
    in_step(devices, "bread", "milk")
    first, second = devices
    first.remove(first.records()[0])
    elsewhere = f"/buckets/{first.place.bucket}/collections/elsewhere"
    assert first.place.client.request("PUT", elsewhere, {}).status == 201
    for device in (first, second):
        assert device.sync()["ok"]
        device.exchanges()
    for device in (first, second, first, second):
        assert first.place.client.request("POST", f"{elsewhere}/records", {"data": {}}).status == 201
        assert device.sync()["error"] is None
    polls = [poll for device in devices for poll in lists(device.exchanges())]
    assert len({poll.received["etag"] for poll in polls}) == 1


def test_all_pages_of_a_first_sync_arrive(devices: Devices) -> None:
    devices[0].place.fill(45)
    assert len(devices[0].sync()["created"]) == 45
    pages = lists(devices[0].exchanges())
    assert len(pages) == 3
    assert all(page.url.startswith(f"{devices[0].place.kinto.url}/") for page in pages)


def test_the_next_page_is_found_through_a_proxy(place: Place, two_pages: tuple[Page, Page]) -> None:
    place.fill(45)
    with behind_a_proxy(place.kinto) as url:
        device = new_device(two_pages[0], place, url)
        assert len(device.sync()["created"]) == 45
        assert all(page.url.startswith(f"{url}/") for page in lists(device.exchanges()))


@contextmanager
def behind_a_proxy(kinto: Kinto) -> Iterator[str]:
    """The URL of a proxy; another process of the same service is behind it, under a name that browsers do not know."""
    port = free_port()
    environ = {**kinto.service.environ, "KINTO_HTTP_HOST": f"127.0.0.1:{port}"}
    with Service(kinto.service.ini, kinto.service.folder, environ) as hidden, proxied(hidden.port, port) as url:
        yield url
