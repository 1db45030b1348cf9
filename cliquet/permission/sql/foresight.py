"""What a permission backend is going to be asked, as questions that are asked together with others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from cliquet.database.question import Inquiry, Question, ask
from cliquet.permission.sql import bound
from cliquet.permission.sql.dialect import Dialect
from cliquet.permission.sql.statements import Builder
from cliquet.permission.sql.work import Asked, Pair, Person, Work

__all__ = ["Backend", "accessible", "entries", "held", "know_entries", "members"]

Rows = Sequence[tuple[Any, ...]]


class Backend(Protocol):
    """What the questions need of the backend."""

    dialect: Dialect
    builder: Builder


def held(backend: Backend, work: Work, wanted: Iterable[Pair], person: Person) -> Question | None:
    """Which of some permissions somebody has, and in which of some groups they are, unless that is known."""
    asked = work.unknown(person, wanted)
    if not asked:
        return None

    def learn(rows: Rows) -> None:
        work.know_held(person, asked, frozenset((row[0], row[1]) for row in rows))

    name, values = bound.wanted(backend.dialect, "granting", asked)
    return _question(backend, work, name, {**values, **bound.who(backend.dialect, *person)}, learn)


def accessible(backend: Backend, work: Work, asked: Asked) -> Question:
    """The children of a list on which somebody directly has some permissions."""

    def learn(rows: Rows) -> None:
        work.know_accessible(asked, _grouped(rows))

    name = "some_accessible" if asked.some else "accessible"
    return _question(backend, work, name, bound.accessible(backend.dialect, asked), learn)


def entries(backend: Backend, work: Work, objects: Iterable[str]) -> tuple[Question, ...]:
    """The ACEs on some objects, as far as they are not known."""
    asked = [one for one in dict.fromkeys(objects) if work.entries(one) is None]
    if not asked:
        return ()

    def learn(rows: Rows) -> None:
        found: dict[str, dict[str, frozenset[str]]] = {object_id: {} for object_id in asked}
        for object_id, permission, principal, *_ in rows:
            found[object_id][permission] = found[object_id].get(permission, frozenset()) | {principal}
        work.know_entries(found)

    values = bound.texts(backend.dialect, "objects", asked)
    return (_question(backend, work, "permissions_of", values, learn),)


def know_entries(backend: Backend, work: Work, objects: Sequence[str]) -> None:
    """Ask for the ACEs on some objects, as far as they are not known; what waits is sent first if it is about them."""
    if questions := entries(backend, work, objects):
        if not work.is_settled(objects):
            work.session.flush()
        ask(Inquiry(questions, settled=True))


def members(backend: Backend, work: Work, group: str) -> Question:
    """The members of a group."""

    def learn(rows: Rows) -> None:
        work.know_members(group, frozenset(row[0] for row in rows))

    return _question(backend, work, "members_of", {"group": group}, learn)


def _grouped(rows: Rows) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for object_id, permission, *_ in rows:
        found[object_id] = found.get(object_id, frozenset()) | {permission}
    return found


def _question(
    backend: Backend, work: Work, name: str, values: Mapping[str, Any], learn: Callable[[Rows], None]
) -> Question:
    return Question(work.session, ("permission", name), getattr(backend.builder, name), values, learn)
