"""What a storage is going to be asked, as questions that are asked together with others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from cliquet.database.question import Inquiry, Question, ask
from cliquet.database.statement import Rows
from cliquet.protocol.query import Query
from cliquet.storage.sql.bound import of_scope
from cliquet.storage.sql.prepared import Prepared
from cliquet.storage.sql.searches import Search
from cliquet.storage.sql.work import NEVER, Place, State, Work
from cliquet.storage.values import Document, Scope

__all__ = ["locking", "look", "looks", "many"]


def looks(work: Work, prepared: Prepared, records: Iterable[Place], scopes: Iterable[Scope]) -> list[Question]:
    """Questions about records and the states of scopes, as far as they are not known."""
    places = [place for place in dict.fromkeys(records) if not work.knows(*place)]
    unseen = [scope for scope in dict.fromkeys(scopes) if not work.has_seen(scope)]
    questions = [_records(work, prepared, places)] if places else []
    return [*questions, *([_states(work, prepared, unseen)] if unseen else [])]


def locking(work: Work, prepared: Prepared, records: Iterable[Place], scope: Scope) -> list[Question]:
    """The same about the scope that is locked by now; what is seen of it, and what is locked, are compared later.

    They differ when nobody had written there when it was to be locked, and somebody has by now.
    """

    def learn(answer: Rows) -> None:
        work.arrive(scope, [(name, word, time, mark, int(text)) for name, word, text, time, mark in answer])

    held = _question(work, prepared, "held", of_scope(scope), learn)
    return [*looks(work, prepared, records, [scope]), held]


def look(work: Work, prepared: Prepared, place: Place, wanted: dict[str, str]) -> Rows | None:
    """Look at a record, and at who has the values that its unique fields are to have, at once.

    :param wanted: field -> value.
    :returns: who has the values; nothing when that was not asked, for there is nothing to ask it along with.
    """
    if not wanted or work.knows(*place):
        return None
    holders: list[Any] = []
    taken = _question(work, prepared, "taken", work.values_of(place[0], wanted), holders.extend)
    ask(Inquiry((*looks(work, prepared, [place], ()), taken)))
    return holders


def many(work: Work, prepared: Prepared, search: Search, name: str, scope: Scope, query: Query) -> Question:
    """A question about many records."""

    def learn(rows: Rows) -> None:
        work.know_rows(name, scope, query, rows)

    shape = search.shape
    return Question(
        work.session, (name, shape), prepared.question(name, shape), search.values, learn, limit=search.limit
    )


def _records(work: Work, prepared: Prepared, places: Sequence[Place]) -> Question:
    rows = [(*scope.place, record_id, number) for number, (scope, record_id) in enumerate(places)]

    def learn(answer: Rows) -> None:
        found: dict[Place, Document | None] = dict.fromkeys(places)
        for record_id, _, text, timestamp, mark in answer:
            found[places[mark // 2]] = Document(record_id, timestamp, text, deleted=bool(mark % 2))
        work.know_places(found)

    if len(rows) > 1:
        return _question(work, prepared, "wanted", prepared.dialect.of_rows("wanted", rows), learn)
    names = ("wanted_parent", "wanted_resource", "wanted_id", "wanted_number")
    return _question(work, prepared, "wanted_one", dict(zip(names, rows[0], strict=True)), learn)


def _states(work: Work, prepared: Prepared, scopes: Sequence[Scope]) -> Question:
    def learn(answer: Rows) -> None:
        found = {Scope(word, name): State(time, mark, int(text)) for name, word, text, time, mark in answer}
        work.see({scope: found.get(scope, NEVER) for scope in scopes})

    if len(scopes) > 1:
        rows = prepared.dialect.of_rows("scopes", [scope.place for scope in scopes])
        return _question(work, prepared, "states", rows, learn)
    return _question(work, prepared, "state", of_scope(scopes[0]), learn)


def _question(work: Work, prepared: Prepared, name: str, values: Any, learn: Callable[[Rows], None]) -> Question:
    return Question(work.session, name, prepared.question(name), values, learn)
