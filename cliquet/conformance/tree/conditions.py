"""Cases of docs/protocol/preconditions, on each resource of the tree."""

from __future__ import annotations

import pytest

from cliquet.conformance.client import Answer
from cliquet.conformance.grove import Grow
from cliquet.conformance.person import Person, Record
from cliquet.conformance.place import KINDS, Place, fresh
from cliquet.conformance.sections import section

every_kind = pytest.mark.parametrize("kind", KINDS)
ANY = {"If-None-Match": "*"}


def tag(timestamp: int) -> str:
    """The ETag of a timestamp."""
    return f'"{timestamp}"'


def check_shown(answer: Answer, record: Record) -> None:
    """Fail unless this is a 412 that shows the record."""
    found = answer.refused(412, 114).body.get("details", {}).get("existing")
    assert found == record, f"{answer}: details.existing is {found!r}"
    assert answer.timestamp == record["last_modified"]


@section("preconditions#if-none-match")
@every_kind
def test_a_record_is_created_once(owner: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    record = owner.data(place)
    check_shown(owner.put(place, {"a": 1}, headers=ANY), record)
    check_shown(owner.post(place.siblings, {"id": place.id}, headers=ANY), record)
    new = place.sibling(fresh())
    owner.put(new, {}, headers=ANY).expect(201)
    owner.delete(new).expect(200)
    owner.put(new, {}, headers=ANY).expect(201)
    owner.delete(new).expect(200)
    assert owner.data(place) == record


@section("preconditions#if-none-match")
@every_kind
def test_what_is_known_is_not_sent_again(owner: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    now = owner.data(place)["last_modified"]
    answer = owner.get(place, headers={"If-None-Match": tag(now)}).expect(304)
    assert (answer.raw, answer.timestamp) == (b"", now)
    owner.head(place, headers={"If-None-Match": tag(now)}).expect(304)
    owner.get(place, headers={"If-None-Match": tag(now + 1)}).expect(200)
    if kind != "bucket":  # others may write the list of buckets at the same time
        listed = owner.get(place.siblings).expect(200).timestamp
        owner.get(place.siblings, headers={"If-None-Match": tag(listed)}).expect(304)


@section("preconditions#if-match")
@every_kind
def test_a_stale_write_is_refused(owner: Person, guest: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    record = owner.data(place)
    stale = tag(record["last_modified"] - 1)
    check_shown(owner.put(place, {"a": 1}, headers={"If-Match": stale}), record)
    check_shown(owner.patch(place, {"a": 1}, If_Match=stale), record)
    check_shown(owner.patch(place, permissions={"read": [guest.id]}, If_Match=stale), record)
    check_shown(owner.delete(place, headers={"If-Match": stale}), record)
    assert owner.data(place) == record
    assert owner.access(place) == {"write": {owner.id}}


@section("preconditions#if-match")
@every_kind
def test_an_up_to_date_write_passes(owner: Person, guest: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    now = owner.data(place)["last_modified"]
    now = owner.put(place, {"a": 1}, headers={"If-Match": tag(now)}).expect(200).timestamp
    now = owner.patch(place, {"a": 2}, If_Match=tag(now)).expect(200).timestamp
    now = owner.patch(place, permissions={"read": [guest.id]}, If_Match=tag(now)).expect(200).timestamp
    owner.delete(place, headers={"If-Match": tag(now)}).expect(200)


@section("preconditions#if-match")
@pytest.mark.parametrize("kind", ["group", "collection", "record"])
def test_a_missing_record_matches_nothing(owner: Person, grow: Grow, kind: str) -> None:
    missing = grow(kind).sibling(fresh())
    for value in ("*", '"1"'):
        for answer in (owner.put(missing, {}, headers={"If-Match": value}), owner.patch(missing, {}, If_Match=value)):
            answer.refused(412, 114)
        owner.delete(missing, headers={"If-Match": value}).refused(412, 114)


@section("preconditions#if-match")
@pytest.mark.parametrize("kind", ["group", "collection", "record"])
def test_a_list_is_deleted_only_when_up_to_date(owner: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    now = owner.get(place.siblings).expect(200).timestamp
    owner.delete(place.siblings, headers={"If-Match": tag(now - 1)}).refused(412, 114)
    assert owner.ids(place.siblings) == [place.id]
    owner.delete(place.siblings, headers={"If-Match": tag(now)}).expect(200)
    assert owner.ids(place.siblings) == []


@section("preconditions#if-match")
def test_two_administrators_do_not_overwrite_each_other(owner: Person, guest: Person, bucket: Place) -> None:
    now = owner.data(bucket)["last_modified"]
    owner.patch(bucket, permissions={"write": [owner.id, guest.id]}, If_Match=tag(now)).expect(200)
    owner.patch(bucket, permissions={"write": [owner.id]}, If_Match=tag(now)).refused(412, 114)
    assert guest.id in owner.access(bucket)["write"]


@section("preconditions#syntax")
@every_kind
def test_a_malformed_tag_is_invalid(owner: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    for value in ("abc", "1", 'W/"1"', '"1", "2"'):
        owner.put(place, {}, headers={"If-Match": value}).refused(400, 107)
        owner.get(place, headers={"If-None-Match": value}).refused(400, 107)
