"""A setting that names a group costs no statement: whether somebody is in it is asked with everything else."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from cliquet.testing.app import Client
from tests.functional.kinto.costs import (
    BUCKET,
    CHANGE,
    GROUP,
    MANY,
    ONE,
    RECORD,
    RECORDS,
    TWO,
    WRITING,
    Store,
    batch,
    known,
    poll,
    start,
)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, serve: Callable[[Any], Client]) -> Store:
    """The store where the settings let a group do everything, to which sam belongs, and another one make buckets."""
    names = itertools.product(("bucket", "group", "collection", "record"), ("read", "write", "create"))
    settings = {f"{kind}_{permission}_principals": "somebody /staff" for kind, permission in names}
    found = start(request, serve, **{**settings, "bucket_create_principals": "/staff /founders"})
    permission: Any = found.alice.parts.permission
    for group, person in (("/staff", found.sam), ("/founders", found.alice)):
        permission.set_members(group, [person.get("/v1/").json["user"]["id"]])
    found.plant()
    return found


#: What somebody does who may because of settings that name groups.
BY_STAFF: dict[str, tuple[Callable[[Store], Any], int]] = {
    "GET": (lambda store: store.sam.get(RECORD), 1),
    "GET, 304": (lambda store: store.sam.get(RECORD, headers=known(store, MANY - 1), status=304), 1),
    "GET of a bucket": (lambda store: store.sam.get(BUCKET), 1),
    "list": (lambda store: store.sam.get(RECORDS), 1),
    "list of buckets": (lambda store: store.sam.get("/v1/buckets"), 1),
    "poll": (lambda store: poll(store, store.sam, 5), 1),
    "total": (lambda store: store.sam.head(RECORDS), 1),
    "POST": (lambda store: store.sam.post_json(RECORDS, {}), 3),
    "PUT": (lambda store: store.sam.put_json(RECORD, CHANGE), 3),
    "PATCH": (lambda store: store.sam.patch_json(RECORD, {"data": {"n": 100}}), 3),
    "PUT of a bucket, new": (lambda store: store.sam.put_json("/v1/buckets/y", {}), 3),
    "PUT of a group": (lambda store: store.sam.put_json(GROUP, CHANGE), 3),
    "DELETE": (lambda store: store.sam.delete(RECORD), 3),
    "DELETE of a list": (lambda store: store.sam.delete(RECORDS), 3),
    "batch of 25 GET": (lambda store: batch(store, "GET", [BUCKET] * 25, store.sam), 1),
    "batch of 25 POST": (lambda store: batch(store, "POST", [RECORDS] * 25, store.sam), 3),
}


def test_settings_that_name_groups_cost_no_statement(store: Store) -> None:
    reading = {**dict.fromkeys(ONE, 1), **dict.fromkeys(TWO, 2)}
    # In this order, each of them finds something to do; what is in /permissions is another question about groups.
    once = {"PUT, new or not at all", "DELETE", "DELETE of a list", "DELETE of a group"}
    expected = {**reading, **dict.fromkeys(sorted(WRITING.keys() - once), 3), "/permissions": 2}
    operations = {**ONE, **TWO, **WRITING}
    assert {name: store.cost(operations[name])[0] for name in expected} == expected


def test_who_may_because_of_a_setting_that_names_a_group_costs_no_more(store: Store) -> None:
    found = {name: store.cost(operation)[0] for name, (operation, _) in BY_STAFF.items()}
    assert found == {name: statements for name, (_, statements) in BY_STAFF.items()}
