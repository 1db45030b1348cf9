"""One use of each method for records."""

from __future__ import annotations

import datetime

import pytest
from kinto_http import KintoException

from tests.compatibility.kinto_http.given import Given


def create_record(given: Given) -> None:
    day = datetime.date(2026, 1, 31)
    answer = given.client.create_record(data={"title": "é", "day": day}, permissions={"read": ["account:bob"]})
    assert (answer["data"]["title"], answer["data"]["day"]) == ("é", "2026-01-31")
    assert len(answer["data"]["id"]) == 36
    assert answer["permissions"] == {"write": ["account:alice"], "read": ["account:bob"]}


def get_record(given: Given) -> None:
    created = given.client.create_record(id="r1", data={"title": "One"})
    assert given.client.get_record(id="r1") == created
    with pytest.raises(KintoException, match="404"):
        given.client.get_record(id="nobody-made-this")


def get_records(given: Given) -> None:
    created = [given.client.create_record(id=name, data={"n": 1})["data"] for name in ("r1", "r2")]
    assert given.client.get_records() == created[::-1]
    assert given.client.get_records(id="r1") == created[:1]


def get_paginated_records(given: Given) -> None:
    for number in range(3):
        given.client.create_record(id=f"r{number}")
    pages = [page["data"] for page in given.client.get_paginated_records(_limit=2, _sort="id")]
    assert [[record["id"] for record in page] for page in pages] == [["r0", "r1"], ["r2"]]


def get_records_timestamp(given: Given) -> None:
    created = given.client.create_record(id="r1")
    assert given.client.get_records_timestamp() == str(created["data"]["last_modified"])


def update_record(given: Given) -> None:
    created = given.client.create_record(id="r1", data={"title": "One"})["data"]
    answer = given.client.update_record(id="r1", data={"colour": "red"})
    assert sorted(answer["data"]) == ["colour", "id", "last_modified"]
    assert answer["data"]["last_modified"] > created["last_modified"]


def patch_record(given: Given) -> None:
    given.client.create_record(id="r1", data={"title": "One"})
    answer = given.client.patch_record(id="r1", data={"colour": "red"})
    assert (answer["data"]["title"], answer["data"]["colour"]) == ("One", "red")


def delete_record(given: Given) -> None:
    given.client.create_record(id="r1", data={"title": "One"})
    answer = given.client.delete_record(id="r1")
    assert sorted(answer) == ["deleted", "id", "last_modified"]
    with pytest.raises(KintoException, match="404"):
        given.client.get_record(id="r1")


def delete_records(given: Given) -> None:
    for number in range(3):
        given.client.create_record(id=f"r{number}")
    assert {record["id"] for record in given.client.delete_records()} == {"r0", "r1", "r2"}
    assert given.client.get_records() == []


RECORDS = (
    create_record,
    get_record,
    get_records,
    get_paginated_records,
    get_records_timestamp,
    update_record,
    patch_record,
    delete_record,
    delete_records,
)
