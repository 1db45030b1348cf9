"""What clients did to a store, what they were told, and what in it must never happen.

Everybody notes what they asked for and what was answered; the checker looks at these notes alone, afterwards.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

__all__ = ["Deed", "Entry", "Followed", "Record", "Story", "check"]

Record = Mapping[str, Any]
#: An entry of the history.
Entry = Mapping[str, Any]


class Deed(NamedTuple):
    """One change that somebody asked for.

    :param outcome: ``ok`` was acknowledged, ``fail`` was refused; of ``info`` nobody knows; nobody should get the
        answer that is ``odd``.
    :param action: what it was, when it was acknowledged.
    :param uri: the path of the record; empty when the server should have named it.
    :param start: when it was asked for, in seconds that everybody shares.
    :param data: the record, or the tombstone, that was answered.
    :param permissions: those that were answered.
    :param mark: what no other change has.
    """

    outcome: Literal["ok", "fail", "info", "odd"]
    action: str
    uri: str
    start: float
    end: float
    data: Record = MappingProxyType({})
    permissions: Mapping[str, Sequence[str]] | None = None
    mark: str = ""
    status: int = 0


class Followed(NamedTuple):
    """What somebody who followed a list was told, and what they had in the end.

    :param told: records and tombstones.
    """

    who: str
    uri: str
    told: Sequence[Record]
    copy: Mapping[str, Record]
    odd: Sequence[str] = ()


class Story(NamedTuple):
    """All notes.

    :param entries: the history, oldest first.
    :param final: the live records of each list, by their ids, read when everybody had finished.
    """

    deeds: Sequence[Deed]
    entries: Sequence[Entry]
    followed: Sequence[Followed]
    final: Mapping[str, Mapping[str, Record]]


def check(story: Story) -> list[str]:
    """All that is wrong."""
    cascaded, wrong = _replayed(story)
    return [
        *_odd(story),
        *wrong,
        *_without_entry(story),
        *_without_deed(story, cascaded),
        *_out_of_order(story),
        *_false(story),
        *_missed(story),
    ]


def _odd(story: Story) -> Iterator[str]:
    """Legal requests succeed, or are refused for a reason that the protocol has."""
    for deed in story.deeds:
        if deed.outcome == "odd":
            yield f"odd: {deed.status} for {deed.uri}, {dict(deed.data)}"
    for one in story.followed:
        yield from (f"odd: {one.who} was told {what}" for what in one.odd)


class _State:
    """The records that are there, as the history goes on."""

    def __init__(self) -> None:
        self.live: dict[str, Record] = {}
        self.times: dict[str, int] = {}
        self.wrong: list[str] = []

    def follow(self, entry: Entry, *, cascade: bool) -> None:
        """Do what an entry says."""
        uri, data, action = entry["uri"], entry["target"]["data"], entry["action"]
        if (uri in self.live) != (action != "create"):
            self.wrong.append(f"{action} of {uri}, which was {'there' if uri in self.live else 'not there'}")
        scope = uri.rpartition("/")[0]
        if not data["last_modified"] > self.times.get(scope, -1) and not cascade:
            self.wrong.append(f"{uri} got the time {data['last_modified']} after {self.times[scope]}")
        self.times[scope] = max(data["last_modified"], self.times.get(scope, -1))
        if action == "delete":
            self.live.pop(uri, None)
        else:
            self.live[uri] = data

    def below(self, uri: str) -> set[str]:
        """What is there below a path."""
        return {one for one in self.live if one.startswith(f"{uri}/")}


def _replayed(story: Story) -> tuple[set[str], list[str]]:
    """The entries about what went with a parent, and what is wrong with the history by itself."""
    state, cascaded, waiting = _State(), set[str](), set[str]()
    for entry in story.entries:
        uri, action = entry["uri"], entry["action"]
        goes_along = action == "delete" and uri in waiting
        if waiting and not goes_along:
            state.wrong.append(f"{sorted(waiting)} outlived their parent")
            waiting.clear()
        waiting.discard(uri)
        cascaded |= {entry["id"]} if goes_along else set()
        state.follow(entry, cascade=goes_along)
        waiting |= state.below(uri) if action == "delete" else set()
    there = {f"{path}/{one}": _text(data) for path, records in story.final.items() for one, data in records.items()}
    said = {uri: _text(data) for uri, data in state.live.items() if uri.rpartition("/")[0] in story.final}
    differing = sorted(uri for uri in there.keys() | said.keys() if there.get(uri) != said.get(uri))
    return cascaded, [*state.wrong, *(f"{uri} is {there.get(uri)}, not {said.get(uri)}" for uri in differing)]


def _key(action: str, uri: str, data: Record) -> str:
    return f"{action} {uri} {_text(data)}"


def _of(entry: Entry) -> str:
    return _key(entry["action"], entry["uri"], entry["target"]["data"])


def _without_entry(story: Story) -> Iterator[str]:
    """What was acknowledged has exactly one entry, with the access list that was answered."""
    counted = Counter(map(_of, story.entries))
    permissions = {_of(entry): entry["target"]["permissions"] for entry in story.entries}
    for deed in _acknowledged(story.deeds):
        key = _key(deed.action, deed.uri, deed.data)
        if counted[key] != 1:
            yield f"{counted[key]} entries: {key}"
        elif deed.permissions and deed.permissions != permissions[key]:
            yield f"{key} has {permissions[key]}, answered was {deed.permissions}"


def _without_deed(story: Story, cascaded: set[str]) -> Iterator[str]:
    """What has an entry was acknowledged, went with its parent, or was asked for by somebody who got no answer."""
    known = {_key(deed.action, deed.uri, deed.data) for deed in _acknowledged(story.deeds)}
    unknown = [deed for deed in story.deeds if deed.outcome == "info"]
    marks, paths = {deed.mark for deed in unknown}, {deed.uri for deed in unknown if deed.action == "delete"}
    for entry in story.entries:
        if _of(entry) in known or entry["id"] in cascaded:
            continue
        deleted = entry["action"] == "delete"
        if not (entry["uri"] in paths if deleted else entry["target"]["data"].get("mark") in marks):
            yield f"nobody did it: {_of(entry)}"


def _out_of_order(story: Story) -> Iterator[str]:
    """Whatever was acknowledged before a change was asked for has its entry before that change's."""
    places = {_of(entry): number for number, entry in enumerate(story.entries)}
    done = [(deed, places.get(_key(deed.action, deed.uri, deed.data))) for deed in _acknowledged(story.deeds)]
    ended = sorted((deed.end, place) for deed, place in done if place is not None)
    latest, position = -1, 0
    for deed, place in sorted(done, key=lambda one: one[0].start):
        while position < len(ended) and ended[position][0] < deed.start:
            latest = max(latest, ended[position][1])
            position += 1
        if place is not None and place < latest:
            yield f"{deed.uri} has entry {place}, after entry {latest} had been acknowledged"


def _false(story: Story) -> Iterator[str]:
    """Nobody who follows is ever told what was never so."""
    so = {f"{entry['uri']} {_text(entry['target']['data'])}" for entry in story.entries}
    for one in story.followed:
        told = {f"{one.uri}/{record['id']} {_text(record)}" for record in one.told}
        yield from (f"{one.who} was told what never was: {what}" for what in sorted(told - so))


def _missed(story: Story) -> Iterator[str]:
    """Whoever follows ends with what a fresh reader finds."""
    for one in story.followed:
        there = story.final[one.uri]
        for record_id in sorted(there.keys() | one.copy.keys()):
            if there.get(record_id) != one.copy.get(record_id):
                yield f"{one.who} has {one.copy.get(record_id)}, stored is {there.get(record_id)}"


def _acknowledged(deeds: Iterable[Deed]) -> Iterator[Deed]:
    return (deed for deed in deeds if deed.outcome == "ok")


def _text(data: Record) -> str:
    return json.dumps(data, sort_keys=True)
