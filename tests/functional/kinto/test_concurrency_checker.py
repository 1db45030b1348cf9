"""The checker of stories finds what must never happen, when it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.functional.kinto.stores import BUCKET
from tests.functional.kinto.story import Deed, Followed, Story, check

COLLECTION = f"{BUCKET}/collections/c"
LIST = f"{COLLECTION}/records"
MINE = {"write": ["ann"]}


def record(name: str, time: int, mark: str = "") -> dict[str, Any]:
    return {"id": name, "last_modified": time, "mark": mark or name}


def tombstone(name: str, time: int) -> dict[str, Any]:
    return {"id": name, "last_modified": time, "deleted": True}


def entry(number: int, action: str, uri: str, data: Mapping[str, Any]) -> dict[str, Any]:
    permissions = {} if action == "delete" else MINE
    return {"id": str(number), "action": action, "uri": uri, "target": {"data": data, "permissions": permissions}}


#: The collection is made, filled, deleted with two records in it, and made again.
CHANGES = [
    ("create", COLLECTION, record("c", 10)),
    ("create", f"{LIST}/r", record("r", 20)),
    ("create", f"{LIST}/s", record("s", 21)),
    ("update", f"{LIST}/r", record("r", 22, "changed")),
    ("create", f"{LIST}/t", record("t", 23)),
    ("delete", f"{LIST}/t", tombstone("t", 24)),
    ("delete", COLLECTION, tombstone("c", 30)),
    ("delete", f"{LIST}/r", tombstone("r", 40)),
    ("delete", f"{LIST}/s", tombstone("s", 40)),
    ("create", COLLECTION, record("c", 50)),
    ("create", f"{LIST}/unanswered", record("unanswered", 60)),
    ("create", f"{LIST}/r", record("r", 61, "again")),
]
#: The numbers of those that nobody was answered.
SILENT = (7, 8, 10)


def deed(number: int) -> Deed:
    action, uri, data = CHANGES[number]
    permissions = None if action == "delete" else MINE
    return Deed("ok", action, uri, number, number + 0.5, data, permissions, data.get("mark", ""), 200)


def honest() -> Story:
    """A story in which all is well."""
    deeds = [deed(number) for number in range(len(CHANGES)) if number not in SILENT]
    deeds += [
        Deed("info", "", f"{LIST}/unanswered", 10, 10.5, mark="unanswered"),
        Deed("fail", "", f"{LIST}/x", 3, 3.5, mark="refused", status=412),
    ]
    final = {LIST: {"unanswered": record("unanswered", 60), "r": record("r", 61, "again")}}
    told = [record("r", 20), record("r", 22, "changed"), tombstone("t", 24), *final[LIST].values()]
    entries = [entry(number, *change) for number, change in enumerate(CHANGES)]
    return Story(deeds, entries, [Followed("bob", LIST, told, final[LIST])], final)


def without_entry(number: int) -> Callable[[Story], Story]:
    return lambda story: story._replace(entries=[*story.entries[:number], *story.entries[number + 1 :]])


def with_entry(place: int, *change: Any) -> Callable[[Story], Story]:
    more = entry(99, *change)
    return lambda story: story._replace(entries=[*story.entries[:place], more, *story.entries[place:]])


def with_deed(more: Deed) -> Callable[[Story], Story]:
    return lambda story: story._replace(deeds=[*story.deeds, more])


def followed(**fields: Any) -> Callable[[Story], Story]:
    return lambda story: story._replace(followed=[story.followed[0]._replace(**fields)])


def reversed_entries(first: int) -> Callable[[Story], Story]:
    def swap(story: Story) -> Story:
        found = list(story.entries)
        found[first : first + 2] = reversed(found[first : first + 2])
        return story._replace(entries=found)

    return swap


def with_final(**records: Mapping[str, Any]) -> Callable[[Story], Story]:
    return lambda story: story._replace(final={LIST: {**story.final[LIST], **records}})


def shared_otherwise(story: Story) -> Story:
    changed = {**story.entries[1], "target": {"data": record("r", 20), "permissions": {"write": ["bob"]}}}
    return story._replace(entries=[story.entries[0], changed, *story.entries[2:]])


#: What happens, and what the checker says.
DAMAGES: dict[str, tuple[Callable[[Story], Story], str]] = {
    "an acknowledged change has no entry": (without_entry(3), "0 entries"),
    "an acknowledged change has two entries": (with_entry(4, *CHANGES[3]), "2 entries"),
    "an entry has another access list": (shared_otherwise, "answered was"),
    "a refused change has an entry": (with_entry(4, "create", f"{LIST}/x", record("x", 99, "refused")), "nobody did"),
    "a deletion that nobody asked for": (with_entry(5, "delete", f"{LIST}/s", tombstone("s", 99)), "nobody did"),
    "a record outlives its collection": (without_entry(8), "outlived"),
    "a deletion takes what is elsewhere": (
        with_entry(9, "delete", f"{LIST}/elsewhere", tombstone("elsewhere", 41)),
        "not there",
    ),
    "an orphan comes back": (with_final(s=record("s", 21)), "is "),
    "an acknowledged record is gone": (lambda story: story._replace(final={LIST: {}}), "is None"),
    "two changes at one time": (with_entry(2, "update", f"{LIST}/r", record("r", 20)), "got the time"),
    "entries in another order": (reversed_entries(1), "had been acknowledged"),
    "a follower is told what never was": (followed(told=[record("r", 22, "lies")]), "what never was"),
    "a follower misses a record": (followed(copy={}), "stored is"),
    "a follower keeps an orphan": (
        followed(copy={**honest().final[LIST], "s": record("s", 21)}),
        "stored is None",
    ),
    "a follower is refused": (followed(odd=["403"]), "odd"),
    "a server error": (with_deed(Deed("odd", "", LIST, 0, 1, status=500)), "odd"),
}


def test_an_honest_story_has_nothing_wrong() -> None:
    assert check(honest()) == []


@pytest.mark.parametrize("name", DAMAGES)
def test_control_the_checker_finds_what_is_wrong(name: str) -> None:
    damage, expected = DAMAGES[name]
    assert any(expected in one for one in check(damage(honest()))), check(damage(honest()))
