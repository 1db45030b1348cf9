"""The part of a transaction that a SQL permission backend has: what it knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from cliquet.database.effect import Effect
from cliquet.database.session import Companion, Session
from cliquet.permission.sql.effects import Effects

__all__ = ["TABLES", "Asked", "Pair", "Person", "Work"]

#: What changes may wait for.
TABLES = ("ace", "unlisted", "unnamed", "member", "disbanded")

#: An object and a permission; or a group and nothing, for whether somebody is a member.
Pair = tuple[str, str | None]
#: Permission -> principals.
Entries = Mapping[str, frozenset[str]]


class Person(NamedTuple):
    """Who asks: principals, and whose groups count as well."""

    principals: frozenset[str]
    user_id: str | None


class Asked(NamedTuple):
    """What somebody may do with the objects of a list.

    :param parent: the path of the list.
    :param some: whether one object is enough to know.
    """

    parent: str
    permissions: frozenset[str]
    person: Person
    some: bool = False


class Work(Companion):
    """Knows what was read, and hands what is to be written to the session, which sends it in time.

    :param session: the database's part of the transaction.
    :param effects: makes the changes.
    """

    def __init__(self, session: Session, effects: Effects) -> None:
        self.session = session
        self._effects = effects
        self._entries: dict[str, Entries] = {}
        self._members: dict[str, frozenset[str]] = {}
        self._held: dict[Person, dict[Pair, bool]] = {}
        self._accessible: dict[Asked, Entries] = {}

    # What is known

    def entries(self, object_id: str) -> Entries | None:
        """The ACEs on an object, if they are known."""
        return self._entries.get(object_id)

    def members(self, group: str) -> frozenset[str] | None:
        """The members of a group, if they are known."""
        return self._members.get(group)

    def holds(self, person: Person, wanted: Iterable[Pair]) -> bool | None:
        """Whether somebody has one of some permissions, if that is known."""
        known = self._held.get(person)
        answers = [known.get(pair) for pair in wanted] if known is not None else [None]
        return True if True in answers else None if None in answers else False

    def accessible(self, asked: Asked) -> Entries | None:
        """The children of a list on which somebody directly has some permissions, if that is known."""
        return self._accessible.get(asked)

    def unknown(self, person: Person, wanted: Iterable[Pair]) -> list[Pair]:
        """Those of some permissions of which it is not known whether somebody has them."""
        known = self._held.get(person, {})
        return [pair for pair in dict.fromkeys(wanted) if pair not in known]

    def know_entries(self, found: Mapping[str, Entries]) -> None:
        """The ACEs on objects, as they are."""
        self._entries |= found

    def know_members(self, group: str, members: frozenset[str]) -> None:
        """The members of a group, as they are."""
        self._members[group] = members

    def know_held(self, person: Person, asked: Iterable[Pair], held: frozenset[Pair]) -> None:
        """Which of some permissions somebody has."""
        self._held.setdefault(person, {}).update({pair: pair in held for pair in asked})

    def know_accessible(self, asked: Asked, found: Entries) -> None:
        """The children of a list on which somebody directly has some permissions."""
        self._accessible[asked] = found

    # What changes

    def replace(self, object_id: str, before: Entries, named: Mapping[str, frozenset[str]]) -> None:
        """Let exactly some principals have the permissions that are named."""
        after = {**before, **named}
        old, new = _rows({name: before.get(name, frozenset()) for name in named}), _rows(named)
        for permission, principal in old - new:
            self._later(object_id, permission, principal, self._effects.revoke)
        for permission, principal in new - old:
            self._later(object_id, permission, principal, self._effects.grant)
        self._learn(object_id, after)

    def delete(self, object_id: str) -> None:
        """Remove all ACEs on an object."""
        known = self._entries.get(object_id)
        if known is not None:
            self.replace(object_id, known, dict.fromkeys(known, frozenset[str]()))
        else:
            self._flush_before(("ace", object_id))
            self.session.later(("unlisted", object_id), self._effects.unlist(object_id))
            self._learn(object_id, {})

    def grant(self, object_id: str, permission: str, principal: str) -> None:
        """Add an ACE, whichever there are."""
        self._later(object_id, permission, principal, self._effects.grant)
        self._forget(object_id)

    def revoke(self, object_id: str, permission: str, principal: str) -> None:
        """Remove an ACE, whichever there are."""
        self._later(object_id, permission, principal, self._effects.revoke)
        self._forget(object_id)

    def set_member(self, group: str, user_id: str, *, member: bool) -> None:
        """Let a user be a member of a group, or not."""
        change = self._effects.join if member else self._effects.leave
        self._flush_before(("disbanded", group))
        self.session.later(("member", user_id, group), change(user_id, group))
        self._held.clear()
        self._accessible.clear()
        self._members.pop(group, None)

    def set_members(self, group: str, after: frozenset[str]) -> None:
        """Let exactly some users be the members of a group, whose members are known."""
        before = self._members[group]
        self._flush_before(("disbanded", group))
        for user_id in before - after:
            self.session.later(("member", user_id, group), self._effects.leave(user_id, group))
        for user_id in after - before:
            self.session.later(("member", user_id, group), self._effects.join(user_id, group))
        self._held.clear()
        self._accessible.clear()
        self._members[group] = after

    def remove_group(self, group: str) -> None:
        """Forget the members of a group, and every ACE that names it."""
        if any(group in key[2:] for key in self.session.waiting("ace", "member")):
            self.session.flush()
        self.session.later(("disbanded", group), self._effects.disband(group))
        self.session.later(("unnamed", group), self._effects.unname(group))
        self.doubt()

    def flush_for(self, *tables: str) -> None:
        """Send what waits, when it is about some tables."""
        if self.session.waits(*tables):
            self.session.flush()

    def is_settled(self, objects: Iterable[str]) -> bool:
        """Whether nothing that waits to be sent is about the ACEs on some objects."""
        asked = set(objects)
        return not self.session.waits("unnamed") and not any(
            key[1] in asked for key in self.session.waiting("ace", "unlisted")
        )

    def doubt(self) -> None:
        """What was read may have changed."""
        self._entries.clear()
        self._members.clear()
        self._held.clear()
        self._accessible.clear()

    # A participant of a transaction

    def mark(self) -> tuple[Any, ...]:
        """What has to be put back."""
        held = {person: dict(known) for person, known in self._held.items()}
        return dict(self._entries), dict(self._members), held, dict(self._accessible)

    def rewind(self, mark: tuple[Any, ...]) -> None:
        """Put it back."""
        self._entries, self._members, self._held, self._accessible = mark

    def _learn(self, object_id: str, entries: Entries) -> None:
        """What holds for an object from now on; who has permissions on it has to be asked again."""
        self._forget(object_id)
        self._entries[object_id] = {name: principals for name, principals in entries.items() if principals}

    def _forget(self, object_id: str) -> None:
        self._entries.pop(object_id, None)
        self._accessible.clear()
        for known in self._held.values():
            for pair in [pair for pair in known if pair[0] == object_id]:
                del known[pair]

    def _later(
        self, object_id: str, permission: str, principal: str, effect: Callable[[str, str, str], Effect]
    ) -> None:
        self._flush_before(("unlisted", object_id), ("unnamed", principal))
        self.session.later(("ace", object_id, permission, principal), effect(object_id, permission, principal))

    def _flush_before(self, *rows: tuple[str, str]) -> None:
        """Send changes of some rows first, because what is to be sent later could undo them, or be undone by them."""
        if any(self.session.waits(table, begin=(row,)) for table, row in rows):
            self.session.flush()


def _rows(entries: Entries) -> frozenset[tuple[str, str]]:
    return frozenset((name, principal) for name, principals in entries.items() for principal in principals)
