"""Devices that keep a collection of a service with kinto.js."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass
from typing import Any

from cliquet.testing.service import Client
from tests.compatibility.browser.node import Exchange, Page
from tests.compatibility.server import PASSWORD, Kinto

Record = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """A collection of a person."""

    kinto: Kinto
    person: str
    bucket: str
    collection: str = "tasks"

    @property
    def path(self) -> str:
        """Where the collection is, below the version."""
        return f"/buckets/{self.bucket}/collections/{self.collection}"

    @property
    def records(self) -> str:
        """Where the records are, below the version."""
        return f"{self.path}/records"

    @property
    def client(self) -> Client:
        """A plain client of the person."""
        return self.kinto.as_user(self.person)

    @property
    def authorization(self) -> str:
        """The header that the person logs in with."""
        return basic(self.person)

    def fill(self, count: int) -> None:
        """Store records, whose titles are numbers."""
        for number in range(count):
            assert self.client.request("POST", self.records, {"data": {"title": str(number)}}).status == 201


@dataclass(frozen=True)
class Device:
    """A database of kinto.js, in a page or in Node.js.

    :param name: of the database; a page may have many.
    """

    page: Page
    name: str
    place: Place

    def sync(self, meanwhile: object = None, **options: object) -> Any:
        """What a synchronisation did.

        :param meanwhile: a request of somebody else, sent just before the first batch.
        :param options: of kinto.js.
        """
        return self._call("sync", options, meanwhile)

    def create(self, *titles: str) -> list[Record]:
        """Records with titles, which only this device knows until it synchronises."""
        found: list[Record] = self._call("create", *({"title": title} for title in titles))
        return found

    def update(self, record: Record, title: str) -> None:
        """Change the title of a record."""
        self._call("update", {"id": record["id"], "title": title})

    def remove(self, record: Record) -> None:
        """Delete a record."""
        self._call("remove", record["id"])

    def resolve(self, conflict: Record, resolution: Record) -> None:
        """Settle a conflict with the record that shall be."""
        self._call("resolve", conflict, resolution)

    def forget(self) -> None:
        """Take every record for one that was never sent."""
        self._call("forget")

    def records(self) -> list[Record]:
        """What it has, the latest first."""
        found: list[Record] = self._call("list")
        return found

    def titles(self) -> list[str]:
        """The titles of what it has, in order."""
        return sorted(record["title"] for record in self.records())

    def exchanges(self) -> list[Exchange]:
        """What went over the network since the last call."""
        return self.page.exchanges()

    def _call(self, method: str, *values: object) -> Any:
        return self.page.evaluate("devices.call", self.name, method, *values)


def new_place(kinto: Kinto, person: str = "alice") -> Place:
    """An empty collection of a person."""
    place = Place(kinto, person, f"b{uuid.uuid4().hex[:12]}")
    for path in (f"/buckets/{place.bucket}", place.path):
        assert place.client.request("PUT", path, {}).status == 201
    return place


def basic(name: str, password: str = PASSWORD) -> str:
    """The header of an account."""
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def new_device(page: Page, place: Place, url: str = "") -> Device:
    """A device without records.

    :param url: of the service, when it is not where it says it is.
    """
    device = Device(page, f"d{uuid.uuid4().hex[:12]}", place)
    options = {"name": device.name, "remote": url or place.kinto.url, "authorization": place.authorization}
    page.evaluate("devices.open", {**options, "bucket": place.bucket, "collection": place.collection})
    page.exchanges()
    return device


def in_step(devices: tuple[Device, Device], *titles: str) -> None:
    """Give both devices the same records."""
    first, second = devices
    first.create(*titles)
    assert first.sync()["ok"]
    assert second.sync()["ok"]
    assert second.titles() == sorted(titles)
