"""What somebody will want to know of a database, so that it can be asked together with other things."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from cliquet.database.limit import Limit

__all__ = ["COLUMNS", "Asker", "Inquiry", "Question", "ask"]

#: The columns of every question: three texts and two integers, which mean to each what it likes.
COLUMNS = ("name", "word", "text", "time", "mark")


class Question(NamedTuple):
    """One thing to ask: what it costs to know is a part of a statement, and not one of its own.

    :param asker: the part of a transaction that a database has, where the answer is kept.
    :param shape: all that the statement depends on, besides the values.
    :param build: makes the expression of a shape; its columns are :data:`COLUMNS`.
    :param values: what is bound.
    :param learn: is told the rows of the answer.
    :param limit: how long it may take to know.
    """

    asker: Asker
    shape: Hashable
    build: Callable[[], Any]
    values: Mapping[str, Any]
    learn: Callable[[Sequence[Any]], None]
    limit: Limit | None = None


@dataclass(eq=False)
class Inquiry:
    """Questions that belong together.

    :param always: what is asked in any case.
    :param key: a question whose answer, rows or no rows, decides which of the others are asked.
    :param found: asked when the key has rows.
    :param missed: asked when it has none.
    :param settled: whether nothing that waits to be sent could change the answers.
    """

    always: tuple[Question, ...] = ()
    key: Question | None = None
    found: tuple[Question, ...] = ()
    missed: tuple[Question, ...] = ()
    settled: bool = False

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """All of them, the key first."""
        return (*([self.key] if self.key else ()), *self.always, *self.found, *self.missed)

    def asked(self, keys: int) -> frozenset[int]:
        """The numbers of the questions that were really asked, when the key has so many rows."""
        first = (self.key is not None) + len(self.always)
        end = first + len(self.found)
        left_out = range(end, len(self.questions)) if keys else range(first, end)
        return frozenset(range(len(self.questions))) - frozenset(left_out)

    @property
    def limit(self) -> Limit | None:
        """How long all of them together may take."""
        return next((question.limit for question in self.questions if question.limit), None)

    def of(self, asker: Asker) -> Inquiry:
        """What one asker can answer: what depends on a key of somebody else is not asked at all."""
        mine = tuple(one for one in self.always if one.asker is asker)
        if self.key is None or self.key.asker is not asker:
            return Inquiry(mine, settled=self.settled)
        found = tuple(one for one in self.found if one.asker is asker)
        missed = tuple(one for one in self.missed if one.asker is asker)
        return Inquiry(mine, self.key, found, missed, self.settled)


class Asker(ABC):
    """Whoever can answer an inquiry with one statement."""

    @abstractmethod
    def ask(self, inquiry: Inquiry) -> None:
        """Ask, and tell each question what was found."""


def ask(inquiry: Inquiry) -> None:
    """Ask everybody concerned, each of them once.

    >>> ask(Inquiry())
    """
    askers = {question.asker for question in inquiry.questions}
    for asker in askers:
        asker.ask(inquiry if len(askers) == 1 else inquiry.of(asker))
