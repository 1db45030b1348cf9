"""Knows which fields have indexes, and has others built, or dropped."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping

from cliquet.database.engine import Database
from cliquet.database.transaction import Transaction
from cliquet.protocol import body
from cliquet.protocol.query import Query
from cliquet.storage.sql.builder import Builder
from cliquet.storage.sql.compile import NOTHING_DECLARED, Declared
from cliquet.storage.sql.declared import KINDS, DeclaredField
from cliquet.storage.sql.prepared import Prepared
from cliquet.storage.sql.ways import paths

__all__ = ["Indexes"]

#: The name under which the database keeps what is indexed; another one when indexes of a new kind belong to a field.
_NAME = "indexed fields, with entries"


class Indexes:
    """Which fields have indexes, as the database says now and then.

    What is known may be old for a moment: an index that was built meanwhile is not used yet, and one that is not wanted
    any more is dropped only when everybody knows.

    :param database: keeps the list, and the indexes.
    :param prepared: the statements.
    :param builder: builds them.
    :param seconds: how long what was read counts.
    """

    def __init__(self, database: Database, prepared: Prepared, builder: Builder, *, seconds: float = 10.0) -> None:
        self._database = database
        self._prepared = prepared
        self._builder = builder
        self._seconds = seconds
        self._known: Mapping[str, Declared] = {}
        self._until = 0.0

    def of(self, resource: str, query: Query) -> Declared:
        """The fields of a resource that have indexes, if a query is about any fields."""
        if not paths(query):
            return NOTHING_DECLARED
        if time.monotonic() > self._until:
            self.read()
        return self._known.get(resource, NOTHING_DECLARED)

    def read(self) -> None:
        """Read the list."""
        rows = self._database.read(self._prepared.kept, {"name": _NAME})
        listed: dict[str, list[str]] = body.decode(rows[0][0].encode()) if rows else {}
        self._known = {resource: _declared(resource, fields) for resource, fields in listed.items()}
        self._until = time.monotonic() + self._seconds

    def listed(self) -> Mapping[str, tuple[str, ...]]:
        """The fields that have indexes now, by resource."""
        self.read()
        return {resource: tuple(map(".".join, known)) for resource, known in self._known.items()}

    def update(self, wanted: Mapping[str, Iterable[str]], *, dry_run: bool = False) -> Iterator[str]:
        """Build the indexes that are wanted, and drop all others; says what is done, one by one.

        :param wanted: resource -> the fields, whose members' names are joined by dots.
        """
        fields = sorted(field for name, names in wanted.items() for field in _declared(name, names).values())
        with self._builder.alone():
            present = self._builder.present()
            missing = [field for field in fields if not all(present.get(field.name(kind)) for kind in KINDS)]
            surplus = present.keys() - {field.name(kind) for field in fields for kind in KINDS}
            if dry_run:
                yield from (f"{field} would be indexed" for field in missing)
                yield from (f"{name} would be dropped" for name in sorted(surplus))
                return
            listed = [field for field in fields if field not in missing]
            self._list(listed)
            for field in missing:
                yield self._build(field, present)
                listed.append(field)
                self._list(listed)
            yield from self._drop(surplus)

    def _build(self, field: DeclaredField, present: Mapping[str, bool]) -> str:
        """Build what a field lacks; what somebody did not finish is begun anew."""
        start = time.monotonic()
        for kind in KINDS:
            complete = present.get(field.name(kind))
            if complete is False:
                self._builder.drop(field.name(kind))
            if not complete:
                self._builder.build(field, kind)
        self._builder.analyze()
        return f"{field} indexed in {time.monotonic() - start:.1f} s"

    def _drop(self, names: set[str]) -> Iterator[str]:
        """Drop indexes, once nobody uses them any more."""
        if names:
            time.sleep(self._seconds)
        for name in sorted(names):
            self._builder.drop(name)
            yield f"{name} dropped"

    def _list(self, fields: list[DeclaredField]) -> None:
        """Let everybody know which fields have indexes."""
        listed: dict[str, list[str]] = {}
        for field in fields:
            listed.setdefault(field.resource, []).append(".".join(field.path))
        if not fields and not self._database.read(self._prepared.kept, {"name": _NAME}):
            return
        with Transaction() as transaction:
            values = {"name": _NAME, "value": body.encode(listed).decode()}
            self._database.session(transaction).write(self._prepared.remember, values)
        self.read()


def _declared(resource: str, names: Iterable[str]) -> dict[tuple[str, ...], DeclaredField]:
    paths = (tuple(name.split(".")) for name in names)
    return {path: DeclaredField(resource, path) for path in paths}
