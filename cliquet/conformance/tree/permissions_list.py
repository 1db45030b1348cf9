"""Cases of docs/protocol/permissions-list: what was shared with whom."""

from __future__ import annotations

from typing import Any

import pytest

from cliquet.conformance.grove import Grow, label, needs
from cliquet.conformance.person import Person, Record
from cliquet.conformance.place import Place
from cliquet.conformance.sections import section

PATH = "/permissions"
#: What `write` on a record grants on the same record.
ALL = {
    "bucket": {"write", "read", "read:attributes", "collection:create", "group:create"},
    "group": {"write", "read", "read:attributes"},
    "collection": {"write", "read", "read:attributes", "record:create"},
    "record": {"write", "read", "read:attributes"},
}


@pytest.fixture(autouse=True)
def _offered(hello: dict[str, Any]) -> None:
    needs(hello, "permissions_endpoint")


def entry(person: Person, place: Place) -> Record:
    """The one entry about a record."""
    found = person.get(PATH, {"uri": f'"{place}"'}).expect(200).data
    assert len(found) == 1, f"{len(found)} entries about {place}"
    return dict(found[0])


def listed(person: Person, place: Place) -> bool:
    """Whether there is an entry about a record."""
    return bool(person.get(PATH, {"uri": f'"{place}"'}).expect(200).data)


def ids_of(place: Place) -> Record:
    """The members of an entry that hold ids."""
    parts = str(place).split("/")[1:]
    return {f"{name[:-1]}_id": value for name, value in zip(parts[::2], parts[1::2], strict=True)}


@section("permissions-list#entries")
@pytest.mark.parametrize("kind", ALL)
def test_owners_may_do_everything(owner: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    found = entry(owner, place)
    permissions = set(found.pop("permissions"))
    assert permissions | {"read:attributes"} == ALL[kind], f"on a {kind}: {permissions}"
    known = {"uri": str(place), "resource_name": kind, "id": place.id, **ids_of(place)}
    assert {name: value for name, value in found.items() if name != "last_modified"} == known


@section("permissions-list#entries")
def test_readers_may_read(owner: Person, guest: Person, bucket: Place, record: Place) -> None:
    owner.share(record, "read", guest.id)
    assert set(entry(guest, record)["permissions"]) - {"read:attributes"} == {"read"}
    owner.share(bucket, "collection:create", guest.id)
    found = set(entry(guest, bucket)["permissions"])
    assert "collection:create" in found and not found & {"read", "write", "group:create"}, found


@section("permissions-list#entries")
def test_what_is_inherited_is_not_listed(owner: Person, guest: Person, bucket: Place, record: Place) -> None:
    owner.share(bucket, "write", owner.id, guest.id)
    assert listed(guest, bucket)
    assert not listed(guest, record)


@section("permissions-list#entries")
def test_what_a_group_holds_is_listed_for_its_members(
    owner: Person, guest: Person, group: Place, record: Place
) -> None:
    owner.share(record, "read", str(group))
    assert not listed(guest, record)
    owner.patch(group, {"members": [guest.id]}).expect(200)
    assert listed(guest, record)
    owner.delete(group).expect(200)
    assert not listed(guest, record)


@section("permissions-list#entries")
def test_what_everybody_holds_is_listed_for_anybody(owner: Person, nobody: Person, record: Place) -> None:
    assert not listed(nobody, record)
    owner.share(record, "read", "system.Everyone")
    assert set(entry(nobody, record)["permissions"]) - {"read:attributes"} == {"read"}


@section("permissions-list#entries")
def test_what_is_gone_is_not_listed(owner: Person, bucket: Place, group: Place, record: Place) -> None:
    owner.delete(record).expect(200)
    assert not listed(owner, record)
    owner.delete(bucket).expect(200)
    assert not listed(owner, group)


@section("permissions-list#entries")
def test_the_root_says_what_may_be_created(owner: Person, bucket: Place) -> None:
    found = owner.get(PATH, {"resource_name": "root"}).expect(200).data
    assert [each["uri"] for each in found] == ["/"], f"{len(found)} entries about the root"
    assert "bucket:create" in found[0]["permissions"]


@section("permissions-list#selection")
def test_entries_are_filtered(owner: Person, bucket: Place, group: Place, collection: Place, record: Place) -> None:
    def uris(**query: str) -> set[str]:
        found = owner.get(PATH, {"bucket_id": f'"{bucket.id}"', **query}).expect(200).data
        return {each["uri"] for each in found}

    assert uris() == {str(bucket), str(group), str(collection), str(record)}
    assert uris(resource_name="record") == {str(record)}
    assert uris(exclude_resource_name="record,group") == {str(bucket), str(collection)}
    assert uris(in_resource_name="group,") == {str(group)}
    assert uris(collection_id=f'"{collection.id}"') == {str(collection), str(record)}
    assert uris(id=record.id) == {str(record)}


@section("permissions-list#selection")
def test_entries_are_sorted_and_paged(owner: Person, bucket: Place, collection: Place, record: Place) -> None:
    here = {"bucket_id": f'"{bucket.id}"'}
    everything = [each["uri"] for each in owner.get(PATH, here).expect(200).data]
    assert everything == sorted(everything, reverse=True)
    for sort in ("", "uri", "id", "-resource_name"):
        query = {**here, "_sort": sort} if sort else here
        whole = [each["uri"] for each in owner.get(PATH, query).expect(200).data]
        pages = [[each["uri"] for each in page] for page in owner.walk(PATH, {**query, "_limit": "2"})]
        assert [uri for page in pages for uri in page] == whole, f"_sort={sort}: {pages}"
        assert [len(page) for page in pages] == [2, 1]


@section("permissions-list#selection")
def test_entries_have_no_time(owner: Person, bucket: Place) -> None:
    here = {"bucket_id": f'"{bucket.id}"'}
    queries: list[dict[str, str]] = [{}, {"_since": "5"}, {"last_modified": "5"}, {"_sort": "last_modified"}]
    for query in queries:
        answer = owner.get(PATH, {**here, **query}).expect(200)
        assert (answer.timestamp, len(answer.data)) == (0, 1), f"{answer}: {answer.header('ETag')}, {answer.data}"


@section("permissions-list#selection")
def test_fields_of_entries_are_chosen(owner: Person, bucket: Place) -> None:
    found = owner.get(PATH, {"bucket_id": f'"{bucket.id}"', "_fields": "uri"}).expect(200).data
    assert {"uri"} <= set(found[0]) <= {"uri", "id", "last_modified"}, found


@section("permissions-list#selection")
def test_entries_are_counted(owner: Person, bucket: Place, record: Place) -> None:
    assert owner.total(PATH, {"bucket_id": f'"{bucket.id}"'}) == 3


@section("permissions-list#selection")
@pytest.mark.parametrize("query", [{"foo": "1"}, {"_limit": "0"}, {"_token": "x"}, {"_fields": "foo"}], ids=label)
def test_what_entries_do_not_have_is_invalid(owner: Person, query: dict[str, str]) -> None:
    owner.get(PATH, query).refused(400, 107)


@section("permissions-list#selection")
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_written(owner: Person, method: str) -> None:
    owner.ask(method, PATH, body={}).refused(405, 115)
