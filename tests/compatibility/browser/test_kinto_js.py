"""kinto.js keeps two devices in step, in Node.js and in two browsers of another origin than the service."""

from __future__ import annotations

from typing import Any

import pytest

from tests.compatibility.browser.devices import Device, Place, Record, basic, in_step, new_device
from tests.compatibility.server import PEOPLE, Kinto

Devices = tuple[Device, Device]


def someone_writes(place: Place, record: Record, title: str) -> dict[str, Any]:
    """The request with which another program changes a record."""
    headers = {"Content-Type": "application/json", "Authorization": place.authorization}
    options = {"method": "PUT", "headers": headers, "body": f'{{"data":{{"title":"{title}"}}}}'}
    return {"url": f"{place.kinto.url}{place.records}/{record['id']}", "options": options}


def titles_of(place: Place) -> list[str]:
    """What the service has, in order."""
    return sorted(record["title"] for record in place.client.request("GET", place.records).json["data"])


def conflict_when_pulling(devices: Devices, strategy: str) -> Any:
    """What the second device gets when both have changed a record before it synchronises."""
    first, second = devices
    first.update(first.records()[0], "theirs")
    second.update(second.records()[0], "ours")
    assert first.sync()["ok"]
    return second.sync(strategy=strategy)


def conflict_when_pushing(devices: Devices, strategy: str) -> Any:
    """What the second device gets when the record changes after it has looked and before it writes."""
    first, second = devices
    second.update(second.records()[0], "ours")
    found = second.sync(someone_writes(second.place, second.records()[0], "theirs"), strategy=strategy)
    assert first.sync()["ok"]
    return found


CONFLICTS = pytest.mark.parametrize("conflict", [conflict_when_pulling, conflict_when_pushing])


def test_the_first_sync_brings_what_another_device_has(devices: Devices) -> None:
    first, second = devices
    first.create("bread", "milk")
    assert len(first.sync()["published"]) == 2
    assert sorted(record["title"] for record in second.sync()["created"]) == ["bread", "milk"]
    assert second.titles() == ["bread", "milk"]


def test_a_change_reaches_the_other_device(devices: Devices) -> None:
    in_step(devices, "bread", "milk")
    first, second = devices
    first.update(first.records()[0], "butter")
    assert first.sync()["ok"]
    assert len(second.sync()["updated"]) == 1
    assert second.titles() == first.titles()


def test_a_deletion_reaches_the_other_device_as_a_tombstone(devices: Devices) -> None:
    in_step(devices, "bread", "milk")
    first, second = devices
    gone = first.records()[0]
    first.remove(gone)
    assert first.sync()["ok"]
    assert [record["id"] for record in second.sync()["deleted"]] == [gone["id"]]
    assert second.titles() == first.titles()
    assert len(second.titles()) == 1


def test_changes_of_both_devices_meet(devices: Devices) -> None:
    in_step(devices, "bread")
    first, second = devices
    first.create("milk")
    second.create("salt")
    for device in (first, second, first):
        assert device.sync()["ok"]
    assert first.titles() == second.titles() == ["bread", "milk", "salt"]


@CONFLICTS
def test_a_conflict_tells_what_the_other_wrote(devices: Devices, conflict: Any) -> None:
    in_step(devices, "before")
    found = conflict(devices, "manual")
    assert found["ok"] is False
    assert [each["remote"]["title"] for each in found["conflicts"]] == ["theirs"]
    assert [each["local"]["title"] for each in found["conflicts"]] == ["ours"]


@CONFLICTS
def test_a_conflict_is_settled_by_hand(devices: Devices, conflict: Any) -> None:
    in_step(devices, "before")
    [found] = conflict(devices, "manual")["conflicts"]
    first, second = devices
    second.resolve(found, {**found["remote"], "title": "both"})
    assert second.sync()["ok"]
    assert first.sync()["ok"]
    assert first.titles() == second.titles() == titles_of(first.place) == ["both"]


@CONFLICTS
@pytest.mark.parametrize(("strategy", "winner"), [("server_wins", "theirs"), ("client_wins", "ours")])
def test_a_strategy_settles_a_conflict(devices: Devices, conflict: Any, strategy: str, winner: str) -> None:
    in_step(devices, "before")
    first, second = devices
    assert conflict(devices, strategy)["ok"]
    assert second.sync()["ok"]
    assert first.sync()["ok"]
    assert first.titles() == second.titles() == titles_of(first.place) == [winner]


def test_a_flushed_server_is_noticed(kinto: Kinto, devices: Devices) -> None:
    in_step(devices, "bread")
    flush(kinto, devices[0].place)
    assert "flushed" in devices[0].sync()["error"]["message"]


def test_after_a_flush_a_device_gives_everything_back(kinto: Kinto, devices: Devices) -> None:
    in_step(devices, "bread", "milk")
    place = devices[0].place
    flush(kinto, place)
    devices[0].forget()
    assert len(devices[0].sync(strategy="client_wins")["published"]) == 2
    assert titles_of(place) == ["bread", "milk"]


def test_a_collection_that_is_made_again_is_not_taken_for_the_old_one(devices: Devices) -> None:
    in_step(devices, "bread")
    device, place = devices[0], devices[0].place
    assert place.client.request("DELETE", place.path).status == 200
    assert place.client.request("PUT", place.path, {}).status == 201
    refused = device.sync()["error"]
    assert "flushed" in refused["message"] or refused["status"] == 410
    device.forget()
    assert len(device.sync(strategy="client_wins")["published"]) == 1
    assert titles_of(place) == ["bread"]


def flush(kinto: Kinto, place: Place) -> None:
    """Lose all data, and begin again with the same people and an empty collection."""
    assert place.client.request("POST", "/__flush__", {}).status == 202
    for person in PEOPLE:
        kinto.account(person)
    for path in (f"/buckets/{place.bucket}", place.path):
        assert place.client.request("PUT", path, {}).status == 201


def test_the_bucket_of_a_person_needs_no_preparation(kinto: Kinto, devices: Devices) -> None:
    place = Place(kinto, kinto.somebody(), "default")
    first, second = (new_device(device.page, place) for device in devices)
    in_step((first, second), "bread")
    [bucket] = place.client.request("GET", "/buckets").json["data"]
    assert bucket["id"] == place.client.request("GET", "/").json["user"]["bucket"]


def test_expired_credentials_are_an_authentication_error(devices: Devices) -> None:
    in_step(devices, "bread")
    device = devices[0]
    refused = device.sync(headers={"Authorization": basic(device.place.person, "expired")})
    assert refused["error"]["status"] == 401
    assert refused["error"]["data"]["errno"] == 104
    assert device.sync()["ok"], "good credentials go on where it stopped"
