"""kinto-admin in a browser: people log in, and manage what they have."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.compatibility.browser.console import Console, opened
from tests.compatibility.browser.devices import Place, new_place
from tests.compatibility.browser.node import Profile
from tests.compatibility.server import Kinto

SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string", "title": "Title", "maxLength": 20}, "pages": {"type": "integer"}},
    "required": ["title"],
}
WITH_SCHEMA = {"schema": SCHEMA, "uiSchema": {}, "displayFields": ["title"], "sort": "-last_modified"}


@pytest.fixture(scope="session")
def curator(kinto: Kinto) -> str:
    """Somebody who has nothing but what these tests make: the console reads all of it before it does anything."""
    return kinto.somebody()


@pytest.fixture(scope="session")
def logged_in(launch: Callable[[], Profile], kinto: Kinto, curator: str) -> Iterator[Profile]:
    """A browser in which the curator has logged in."""
    profile = launch()
    console = opened(profile, kinto)
    console.begin()
    console.log_in(curator)
    console.sees(f"Connected as account:{curator}")
    console.page.act("close")
    yield profile
    profile.close()


@pytest.fixture
def place(kinto: Kinto, curator: str) -> Place:
    """An empty collection of the curator's."""
    return new_place(kinto, curator)


@pytest.fixture
def books(place: Place) -> Place:
    """A collection with a schema."""
    assert place.client.request("PUT", place.path, {"data": WITH_SCHEMA}).status == 200
    return place


@pytest.fixture
def hasty_console(logged_in: Profile, kinto: Kinto) -> Iterator[Console]:
    """The console of the curator, which may ask for something that is not there yet."""
    console = opened(logged_in, kinto)
    yield console
    console.page.act("close")


@pytest.fixture
def console(hasty_console: Console) -> Iterator[Console]:
    """The console of the curator, to which nothing is refused."""
    yield hasty_console
    assert (hasty_console.refusals(), hasty_console.complaints()) == ([], [])


@pytest.fixture
def stranger(profiles: tuple[Profile, Profile], kinto: Kinto) -> Iterator[Console]:
    """A console that nobody has logged in to."""
    console = opened(profiles[0], kinto)
    console.begin()
    yield console
    console.page.evaluate("(() => localStorage.clear())")
    console.page.act("close")


def record(place: Place, **data: object) -> str:
    """The id of a new record."""
    found: str = place.client.request("POST", place.records, {"data": data}).json["data"]["id"]
    return found


def data(place: Place, path: str) -> Any:
    """What the service has at a path, below the version."""
    return place.client.request("GET", path).json["data"]


def test_a_person_logs_in_with_an_account(stranger: Console) -> None:
    stranger.log_in("alice")
    stranger.sees("Connected as account:alice")


def test_a_wrong_password_is_told(stranger: Console) -> None:
    stranger.log_in("alice", "not the password")
    stranger.sees("Authentication failed.")


def test_a_person_logs_out(stranger: Console) -> None:
    stranger.log_in("alice")
    stranger.follow("Logout")
    stranger.sees("Authentication method")


def test_a_bucket_is_created(console: Console, kinto: Kinto, curator: str) -> None:
    name = f"b{uuid.uuid4().hex[:12]}"
    console.show("/buckets/create")
    console.fill(id=name)
    console.press("Create bucket")
    console.sees("Bucket created.")
    found = kinto.as_user(curator).request("GET", f"/buckets/{name}").json
    assert found["permissions"] == {"write": [f"account:{curator}"]}


def test_a_collection_is_created_with_a_schema(console: Console, place: Place) -> None:
    console.show(f"/buckets/{place.bucket}/collections/create")
    console.fill(id="novels")
    console.press("Create collection")
    console.sees("Collection created.")
    found = data(place, f"/buckets/{place.bucket}/collections/novels")
    assert set(found["schema"]["properties"]) == {"title", "content"}
    assert found["displayFields"] == ["title"]


def test_a_record_is_created_in_the_form_of_the_schema(console: Console, books: Place) -> None:
    console.show(f"{books.records}/create")
    console.fill(title="Emma", pages="474")
    console.press("Create record")
    console.sees("Record created")
    assert [(one["title"], one["pages"]) for one in data(books, books.records)] == [("Emma", 474)]


def test_the_form_knows_the_schema(console: Console, books: Place) -> None:
    console.show(f"{books.records}/create")
    console.fill(title="Sense and Sensibility")
    console.press("Create record")
    console.sees("must NOT have more than 20 characters")
    assert data(books, books.records) == []


def test_several_records_are_created_at_once(console: Console, books: Place) -> None:
    console.show(f"{books.records}/bulk")
    console.fill(**{"0_title": "Emma", "1_title": "Persuasion"})
    console.press("Bulk create")
    console.sees("Records (2)")
    assert sorted(one["title"] for one in data(books, books.records)) == ["Emma", "Persuasion"]


def test_a_record_is_edited(console: Console, books: Place) -> None:
    number = record(books, title="Emma", pages=474)
    console.show(f"{books.records}/{number}/attributes")
    console.fill(title="Persuasion")
    console.press("Update record")
    console.sees("Record updated")
    [found] = data(books, books.records)
    assert (found["title"], found["pages"]) == ("Persuasion", 474)
    assert "if-match" in console.answered("PUT", number).sent


def test_all_records_are_loaded_page_by_page(console: Console, books: Place) -> None:
    books.fill(45)
    console.show(books.records)
    console.sees("Records (45)")
    for shown in (20, 40, 45):
        console.waits(f"document.querySelectorAll('tbody tr').length === {shown}")
        if shown < 45:
            console.follow("Load more")


def test_records_are_sorted_by_a_column(console: Console, books: Place) -> None:
    for title in ("Persuasion", "Emma", "Sanditon"):
        record(books, title=title)
    console.show(books.records)
    console.sees("Records (3)")
    console.page.act("click", "th:has-text('Title') a")
    console.waits("document.querySelector('tbody tr')?.innerText.startsWith('Emma')")


def test_a_record_is_deleted(console: Console, books: Place) -> None:
    number = record(books, title="Emma")
    console.show(f"{books.records}/{number}/attributes")
    console.press("Delete record")
    console.sees("Record deleted.")
    assert data(books, books.records) == []


def test_a_group_is_created_with_a_member(hasty_console: Console, place: Place) -> None:
    group = f"/buckets/{place.bucket}/groups/readers"
    hasty_console.show(f"/buckets/{place.bucket}/groups/create")
    hasty_console.fill(id="readers")
    hasty_console.press("Add Item")
    hasty_console.fill(members_0="account:bob")
    # The page goes to the group without waiting for the answer to its creation.
    hasty_console.press("Create group")
    assert hasty_console.answered("PUT", group).status == 201
    assert data(place, group)["members"] == ["account:bob"]


def test_members_of_a_group_get_a_permission(console: Console, books: Place, kinto: Kinto) -> None:
    group = f"/buckets/{books.bucket}/groups/readers"
    assert books.client.request("PUT", group, {"data": {"members": ["account:bob"]}}).status == 201
    assert kinto.as_user("bob").request("GET", books.records).status == 403
    console.show(f"{books.path}/permissions")
    console.check("groups_readers-0")
    console.press("Submit")
    console.sees("Collection permissions updated.")
    assert kinto.as_user("bob").request("GET", books.records).status == 200


def test_permissions_are_changed_and_the_data_stays(console: Console, books: Place) -> None:
    number = record(books, title="Emma")
    console.show(f"{books.records}/{number}/permissions")
    console.check("anonymous-0")
    console.press("Submit")
    console.sees("Record permissions updated.")
    found = books.client.request("GET", f"{books.records}/{number}").json
    assert found["data"]["title"] == "Emma"
    assert found["permissions"] == {"read": ["system.Everyone"], "write": [f"account:{books.person}"]}


def test_the_history_tells_who_did_what(console: Console, books: Place) -> None:
    number = record(books, title="Emma")
    assert books.client.request("DELETE", f"{books.records}/{number}").status == 200
    console.show(f"{books.path}/history")
    console.waits("document.querySelectorAll('tbody tr').length >= 4")
    words = " ".join(console.reads().split())
    assert f"delete record {number} account:{books.person}" in words
    assert f"create record {number} account:{books.person}" in words
    console.press("View entry details")
    console.sees('"deleted": true')


def test_a_collection_is_compared_with_what_it_was(console: Console, books: Place) -> None:
    number = record(books, title="Emma")
    assert books.client.request("PATCH", f"{books.records}/{number}", {"data": {"title": "Persuasion"}}).status == 200
    console.show(f"{books.path}/history")
    console.page.act("click", 'a[title="Compare with this version"] >> nth=-1')
    console.sees('"title": "Emma"')
    console.sees('"title": "Persuasion"')


def test_a_record_has_a_history_of_its_own(console: Console, books: Place) -> None:
    number = record(books, title="Emma")
    record(books, title="Persuasion")
    console.show(f"{books.records}/{number}/history")
    console.answered("GET", number)
    console.waits("document.querySelectorAll('tbody tr').length > 0")
    assert console.page.evaluate("(() => document.querySelectorAll('tbody tr').length)") == 1


@pytest.mark.parametrize("kind", ["group", "collection", "bucket"])
def test_something_is_deleted_when_its_name_is_typed(console: Console, books: Place, kind: str) -> None:
    bucket = f"/buckets/{books.bucket}"
    assert books.client.request("PUT", f"{bucket}/groups/readers", {"data": {"members": []}}).status == 201
    path = {"group": f"{bucket}/groups/readers", "collection": books.path, "bucket": bucket}[kind]
    console.show(f"{path}/attributes")
    console.page.act("fill", "#root", path.rpartition("/")[2])
    console.press(f"Delete {kind}")
    console.waits(f"!location.hash.startsWith('#{path}/')")
    assert books.client.request("GET", path).status in {403, 404}


def test_a_reader_is_offered_no_changes(stranger: Console, books: Place) -> None:
    permissions = {"permissions": {"read": ["account:bob"]}}
    assert books.client.request("PATCH", f"/buckets/{books.bucket}", permissions).status == 200
    stranger.log_in("bob")
    stranger.sees("Connected as account:bob")
    stranger.show(f"{books.path}/attributes")
    stranger.sees("You don't have the required permission to edit this collection.")
    assert "Danger Zone" not in stranger.reads()
