"""Moving a collection from one server to another with the client's own tool."""

from __future__ import annotations

from typing import Any

import kinto_http
import pytest
from kinto_http.replication import replicate

from tests.compatibility.server import PASSWORD, Kinto

COUNT = 40


@pytest.fixture(params=["from sqlite to postgresql", "from postgresql to sqlite"])
def servers(request: pytest.FixtureRequest) -> tuple[Kinto, Kinto]:
    """Where the records are, and where they shall be."""
    _, origin, _, destination = request.param.split()
    found = [request.getfixturevalue(f"kinto_on_{name}") for name in (origin, destination)]
    return found[0], found[1]


def client(kinto: Kinto, bucket: str) -> Any:
    """Alice's client on a server."""
    return kinto_http.Client(server_url=kinto.url, auth=("alice", PASSWORD), bucket=bucket, collection="notes")


@pytest.fixture
def origin(servers: tuple[Kinto, Kinto], bucket: str) -> Any:
    """A client whose collection is to be moved."""
    found = client(servers[0], bucket)
    found.create_bucket()
    found.create_collection(data={"sort": "-n"}, permissions={"read": ["account:bob"]})
    with found.batch() as batch:
        for number in range(COUNT):
            batch.create_record(id=f"r{number}", data={"n": number})
    return found


@pytest.fixture
def destination(servers: tuple[Kinto, Kinto], bucket: str) -> Any:
    """A client on another server, where nothing is yet."""
    return client(servers[1], f"{bucket}-copy")


def test_a_collection_arrives_with_its_timestamps(origin: Any, destination: Any) -> None:
    replicate(origin, destination)
    assert destination.get_records(_sort="id") == origin.get_records(_sort="id")
    copied = destination.get_collection()
    assert copied["data"]["sort"] == "-n"
    assert copied["permissions"] == {"read": ["account:bob"], "write": ["account:alice"]}


def test_a_collection_that_was_moved_is_brought_up_to_date(origin: Any, destination: Any) -> None:
    replicate(origin, destination)
    origin.update_record(id="r1", data={"n": 100})
    origin.create_record(id="new", data={"n": 101})
    replicate(origin.clone(), destination.clone())
    found = {record["id"]: record["n"] for record in destination.clone().get_records()}
    assert (found["r1"], found["new"], len(found)) == (100, 101, COUNT + 1)
