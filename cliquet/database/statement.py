"""SQL compiled once for a dialect, ready for a driver's cursor."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property
from threading import Lock
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect as Language

__all__ = ["Rows", "Statement", "Statements", "Step"]

Rows = Sequence[tuple[Any, ...]]


class Step(NamedTuple):
    """A statement to run.

    :param text: SQL.
    :param values: in the driver's form; for many sets of values, a list of them; ``None`` where there are none.
    :param many: whether it is run for many sets of values.
    :param fetch: whether it has rows that somebody wants.
    """

    text: str
    values: Any = None
    many: bool = False
    fetch: bool = False


class Statement:
    """One statement: its text, and how a mapping of values becomes what the driver takes.

    :param clause: a SQLAlchemy Core expression whose values are all bound.
    :param language: SQLAlchemy's dialect.
    """

    def __init__(self, clause: sa.sql.elements.ClauseElement | sa.sql.base.Executable, language: Language) -> None:
        compiled: Any = clause.compile(dialect=language)  # type: ignore[union-attr]  # executables compile, too
        self.text: str = compiled.string
        self._fixed: dict[str, Any] = {name: value for name, value in compiled.params.items() if value is not None}
        self._order: list[str] | None = compiled.positiontup if compiled.positional else None

    def bind(self, values: Mapping[str, Any]) -> Any:
        """The values in the driver's form."""
        named = {**self._fixed, **values} if self._fixed else values
        return dict(named) if self._order is None else tuple([named[name] for name in self._order])


class Statements:
    """Statements by shape, built when first needed and kept; the oldest go when there are too many.

    :param language: makes SQLAlchemy's dialect.
    :param most: how many are kept.
    """

    def __init__(self, language: Callable[[], Language], *, most: int = 500) -> None:
        self._make_language = language
        self._most = most
        self._kept: dict[Hashable, Statement] = {}
        self._lock = Lock()

    @cached_property
    def language(self) -> Language:
        """SQLAlchemy's dialect."""
        return self._make_language()

    def get(self, shape: Hashable, build: Callable[[], Any]) -> Statement:
        """The statement of a shape.

        :param build: makes the expression, when there is no statement of that shape yet.
        """
        found = self._kept.get(shape)
        if found is None:
            found = Statement(build(), self.language)
            with self._lock:
                if len(self._kept) >= self._most:
                    del self._kept[next(iter(self._kept))]
                self._kept[shape] = found
        return found
