"""What is bound to the statements: who asks, and lists of texts, without those that no database can hold."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from cliquet.permission.base import AUTHENTICATED, Lists, possible
from cliquet.permission.sql.dialect import Dialect
from cliquet.permission.sql.objects import LISTS
from cliquet.permission.sql.parts import PAIR
from cliquet.permission.sql.work import Asked, Pair, Person
from cliquet.permission.values import kind_of, list_of

__all__ = ["accessible", "lists", "pairs", "texts", "users", "wanted", "who"]

Values = Mapping[str, Any]
#: The same people ask for the same lists: what is written for the last ones is kept.
_LAST = 1024


def who(dialect: Dialect, principals: Iterable[str], user_id: str | None) -> Values:
    """Principals, and a user whose groups count as well."""
    return _who(dialect, frozenset(principals), user_id)


def users(dialect: Dialect, user_id: str | None) -> Values:
    """The user, and everybody who is somebody; nobody when there is none."""
    return texts(dialect, "users", () if user_id is None else (user_id, AUTHENTICATED))


def texts(dialect: Dialect, name: str, found: Iterable[str]) -> Values:
    """A list of texts."""
    listed = list(found)
    return dict(dialect.of_texts(name, listed if possible("".join(listed)) else filter(possible, listed)))


def accessible(dialect: Dialect, asked: Asked) -> Values:
    """A list, and who has which permissions on its objects."""
    return _accessible(dialect, asked.parent, asked.permissions, asked.person)


def pairs(wanted: Iterable[tuple[str, str]], named: Iterable[str] = ()) -> Sequence[Pair]:
    """Pairs of object and permission, without those that cannot be, and groups."""
    listed = list(wanted)
    if not possible("".join(chain.from_iterable(listed))):
        listed = [pair for pair in listed if possible("".join(pair))]
    groups = [(group, None) for group in named]
    return [*listed, *groups] if groups else listed


def wanted(dialect: Dialect, name: str, asked: Sequence[Pair]) -> tuple[str, Values]:
    """What somebody may have of some pairs, and the statement of that name that says it."""
    rows = [(object_id, permission) for object_id, permission in asked if permission is not None]
    values = dialect.of_rows("wanted", PAIR, rows)
    if len(rows) == len(asked):
        return name, values
    groups = [group for group, permission in asked if permission is None]
    return f"{name}_or_named", {**values, **texts(dialect, "named", groups)}


def lists(dialect: Dialect, wanted: Iterable[Lists], after: str | None, *, descending: bool) -> Values:
    """Lists of objects, each with where its page begins."""
    rows = [(*one, *one.beginning(after, descending=descending)) for one in wanted]
    return {**dialect.of_rows("lists", LISTS, rows)}


@functools.lru_cache(_LAST)
def _who(dialect: Dialect, principals: frozenset[str], user_id: str | None) -> Values:
    return {**texts(dialect, "principals", principals), **users(dialect, user_id)}


@functools.lru_cache(_LAST)
def _accessible(dialect: Dialect, parent: str, permissions: frozenset[str], person: Person) -> Values:
    place = {"kind": kind_of(f"{parent}/"), "list": list_of(f"{parent}/")}
    return {**place, **texts(dialect, "permissions", sorted(permissions)), **who(dialect, *person)}
