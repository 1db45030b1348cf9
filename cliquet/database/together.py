"""Several questions as one statement, whose answers are all from one snapshot."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from cliquet.database.question import COLUMNS, Inquiry

__all__ = ["build", "shape_of", "tell", "values_of"]

_ONE: Any = sa.literal_column("1")
#: Of a row.
_NUMBER, _ANSWER = itemgetter(0), itemgetter(slice(1, None))


def shape_of(inquiry: Inquiry) -> tuple[Any, ...]:
    """All that the statement depends on."""
    shapes = tuple([question.shape for question in inquiry.questions])
    return ("together", inquiry.key is None, len(inquiry.always), len(inquiry.found), shapes)


def build(inquiry: Inquiry, provided: Callable[[Any, Any], Any]) -> Any:
    """The rows of all answers, each with the number of its question in front.

    :param provided: lets a select find something only when a condition holds.
    """
    numbered = iter(enumerate(inquiry.questions))
    parts: list[sa.Select[Any]] = []
    condition: Any = sa.true()
    if inquiry.key is not None:
        number, _ = next(numbered)
        key = _named(inquiry.key.build(), number).cte("key")
        parts.append(sa.select(sa.literal_column("0").label("question"), *key.c))
        condition = sa.exists(sa.select(_ONE).select_from(key))
    parts += _parts(inquiry.always, numbered)
    parts += [provided(part, condition) for part in _parts(inquiry.found, numbered)]
    parts += [provided(part, sa.not_(condition)) for part in _parts(inquiry.missed, numbered)]
    return parts[0] if len(parts) == 1 else sa.union_all(*parts)


def values_of(inquiry: Inquiry) -> dict[str, Any]:
    """What is bound, under names that say of which question it is."""
    return {
        f"q{number}_{name}": value
        for number, question in enumerate(inquiry.questions)
        for name, value in question.values.items()
    }


def tell(inquiry: Inquiry, rows: Sequence[tuple[Any, ...]]) -> None:
    """Give each question that was asked the rows of its answer."""
    questions = inquiry.questions
    answers: list[list[tuple[Any, ...]]] = [[] for _ in questions]
    for number, group in itertools.groupby(rows, _NUMBER):
        answers[number] += map(_ANSWER, group)
    for number in inquiry.asked(len(answers[0])) if inquiry.key is not None else range(len(answers)):
        questions[number].learn(answers[number])


def _parts(questions: Sequence[Any], numbered: Iterator[tuple[int, Any]]) -> list[sa.Select[Any]]:
    found = []
    for question in questions:
        number, _ = next(numbered)
        answer = _named(question.build(), number).subquery(f"answer{number}")
        found.append(sa.select(sa.literal_column(str(number)).label("question"), *answer.c))
    return found


def _named(clause: Any, number: int) -> Any:
    """The same expression, whose values are bound under names of its own, and whose columns are those of all."""

    def rename(bound: Any) -> None:
        if not bound.unique:
            bound.key = bound._orig_key = f"q{number}_{bound.key}"

    renamed = visitors.cloned_traverse(clause, {}, {"bindparam": rename})
    columns = renamed.subquery(f"question{number}").c
    return sa.select(*(column.label(name) for column, name in zip(columns, COLUMNS, strict=True)))
