"""Who saw all of a list is not asked about single records the next time, and sees no more than they may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cliquet.testing.app import Client
from tests.functional.kinto.costs import COLLECTION, MANY, RECORD, RECORDS, Store, start


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, serve: Callable[[Any], Client]) -> Store:
    found = start(request, serve)
    found.plant()
    return found


def listed(store: Store, who: Client, **more: Any) -> tuple[int, str]:
    """How many statements a list takes, and the first of them."""
    cost, _ = store.cost(lambda _: who.get(RECORDS, **more))
    return cost, store.sent[0]


def test_what_is_shared_one_by_one_is_not_asked_of_who_saw_all(store: Store) -> None:
    first, again = listed(store, store.rita), listed(store, store.rita)
    assert (first[0], again[0]) == (1, 1)
    assert len(again[1]) < len(first[1])
    # Somebody else, and another list, are another matter.
    assert listed(store, store.mary)[1] == first[1]
    other = f"{COLLECTION.removesuffix('c')}e/records"
    store.cost(lambda _: store.rita.get(other))
    assert store.sent == [first[1]]


def test_who_saw_all_sees_only_what_they_may_once_they_may_not(store: Store) -> None:
    rita = store.rita.get("/v1/").json["user"]["id"]
    assert len(store.rita.get(RECORDS).json["data"]) == MANY
    store.alice.patch_json(RECORD, {"permissions": {"read": [rita]}})
    store.alice.delete(f"{COLLECTION.partition('/collections')[0]}/groups/g")
    store.sent.clear()
    assert [one["id"] for one in store.rita.get(RECORDS).json["data"]] == ["0"]
    # The guess was wrong, which costs a statement, once.
    assert len(store.sent) == 3
    assert listed(store, store.rita)[0] == 2
    assert store.cost(lambda _: store.rita.head(RECORDS))[0] == 2


def test_who_saw_all_is_refused_once_they_may_see_nothing(store: Store) -> None:
    assert listed(store, store.rita)[0] == 1
    store.alice.delete(f"{COLLECTION.partition('/collections')[0]}/groups/g")
    assert listed(store, store.rita, status=403)[0] == 3
    assert listed(store, store.rita, status=403)[0] == 2


def test_who_saw_single_records_sees_all_at_once_when_they_may(store: Store) -> None:
    olaf = store.olaf.get("/v1/").json["user"]["id"]
    assert listed(store, store.olaf)[0] == 2
    store.alice.patch_json(COLLECTION, {"permissions": {"read": [olaf]}})
    assert listed(store, store.olaf)[0] == 1
    assert len(store.olaf.get(RECORDS).json["data"]) == MANY
