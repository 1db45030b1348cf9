"""An upper bound of the work and the memory that it takes to validate a record, found before it is validated.

Validation is not interrupted, so that no record is accepted by one server and refused by another, busier one. What
would take too long is therefore refused at once.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from cliquet.plugins.json_schema.cost import Cost, Numbers, add, numbers_in
from cliquet.plugins.json_schema.errors import UnfitSchema
from cliquet.plugins.json_schema.shape import Node

__all__ = ["MAX_CHAIN", "MAX_HERE", "MAX_WORK", "Work", "at_most", "measure", "ranked"]

#: Most work for one record, in units of :mod:`cost <cliquet.plugins.json_schema.cost>`: about a second.
MAX_WORK = 50_000_000
#: Most subschemas that apply to the same value, those that apply twice counted twice.
MAX_HERE = 10_000
#: Most subschemas that lead to each other without a step into the record.
MAX_CHAIN = 100
#: The work of looking at a value, and at a subschema that applies to it for the first time.
_VISIT, _PREPARE = 50, 200
#: The memory that any value takes, in bytes.
_VALUE = 64


@dataclass(frozen=True)
class Work:
    """What validating a record takes.

    :param work: in units of :mod:`cost <cliquet.plugins.json_schema.cost>`; counted no further than to the limit.
    :param memory: bytes that a list of all problems may take.

    >>> Work(MAX_WORK, 0).is_too_much, Work(MAX_WORK + 1, 0).is_too_much
    (False, True)
    """

    work: int
    memory: int

    @property
    def is_too_much(self) -> bool:
        """Whether it takes more than reasonable time."""
        return self.work > MAX_WORK


def ranked(nodes: Sequence[Node]) -> dict[Node, int]:
    """The subschemas in an order in which each comes after those because of which it applies to the same value.

    :raises UnfitSchema: when one leads back to itself, or to too many others, without a step into the record.

    >>> below = Node()
    >>> above = Node(here=[below])
    >>> list(ranked([below, above]).values())
    [0, 1]
    """
    try:
        backwards = list(TopologicalSorter({node: node.here for node in nodes}).static_order())
    except CycleError as error:
        way = " to ".join(node.label for node in error.args[1][:4])
        raise UnfitSchema(f"It leads back to itself without a step into the record: {way}.") from None
    _check_chains(backwards)
    return {node: rank for rank, node in enumerate(reversed(backwards))}


def _check_chains(backwards: Iterable[Node]) -> None:
    """How long chains get, and how many subschemas they apply: once for the answer, and once to look again."""
    length: dict[Node, int] = {}
    count: dict[Node, tuple[int, int]] = {}
    for node in backwards:
        length[node] = 1 + max((length[one] for one in node.here), default=0)
        again = sum(sum(count[one]) for one in node.here)
        count[node] = 1 + sum(count[one][0] for one in node.here) + (again if node.looks_again else 0), again
        if length[node] > MAX_CHAIN or count[node][0] > MAX_HERE:
            raise UnfitSchema(f"{node.label} applies too many subschemas to the same value.")


def at_most(nodes: Sequence[Node]) -> Cost | None:
    """What all subschemas together ask of one value; ``None`` when there is no limit, because one leads to itself.

    >>> at_most([Node(cost=Cost(base=2))])
    Cost(base=2, member=0, ...)
    """
    try:
        order = reversed(list(TopologicalSorter({node: _next(node) for node in nodes}).static_order()))
    except CycleError:
        return None
    times = dict.fromkeys(nodes, (0, 0))
    times[nodes[0]] = 1, 0
    for node in order:
        answers, again = times[node]
        again += answers if node.looks_again else 0
        times[node] = answers, again
        for one in _next(node):
            before = times[one]
            times[one] = before[0] + answers + again, before[1] + again
    return add((node.cost, sum(times[node])) for node in nodes)


def _next(node: Node) -> list[Node]:
    """All that may apply because of a subschema."""
    return [*node.here, *node.members.values(), *node.others, *node.names, *node.prefix, *node.items]


class _State:
    """All subschemas that apply to some value, with how often they do, and those that follow for the values in it."""

    def __init__(self, nodes: Mapping[Node, int]) -> None:
        self.cost = add((node.cost, times) for node, times in nodes.items())
        self.names = [(one, times) for node, times in nodes.items() for one in node.names]
        self.steps: dict[str | int, _State] = {}
        self._nodes = nodes
        self._members = {name for node in nodes for name in node.members}
        self._prefix = max((len(node.prefix) for node in nodes), default=0)

    def key(self, step: str | int) -> str | int:
        """The same for all names, and for all indexes, that lead to the same subschemas."""
        if isinstance(step, str):
            return f".{step}" if step in self._members else ""
        return min(step, self._prefix)

    def below(self, step: str | int) -> list[tuple[Node, int]]:
        """The subschemas for the member of a name, or the item of an index."""
        if isinstance(step, str):
            others = [(one, times) for node, times in self._nodes.items() for one in node.others]
            return others + [(node.members[step], times) for node, times in self._nodes.items() if step in node.members]
        rest = [(one, times) for node, times in self._nodes.items() for one in node.items]
        return rest + [(node.prefix[step], times) for node, times in self._nodes.items() if step < len(node.prefix)]


class _TooMuch(Exception):
    """Ends the counting."""


def measure(rank: Mapping[Node, int], root: Node, record: Any) -> Work:
    """What validating a record takes at most.

    :param rank: the subschemas in their order, see :func:`ranked`.
    :param root: the whole schema.

    >>> from cliquet.plugins.json_schema.shape import parse
    >>> nodes = parse({"items": {"type": "integer"}}, size_of=len)
    >>> measure(ranked(nodes), nodes[0], [1, 2, 3]).is_too_much
    False
    """
    meter = _Meter(rank)
    with contextlib.suppress(_TooMuch):
        meter.spend(root, record)
    return Work(meter.work, meter.memory)


class _Meter:
    """Adds up what validating one record takes."""

    def __init__(self, rank: Mapping[Node, int]) -> None:
        self.work = 0
        self.memory = 0
        self._rank = rank
        self._states: dict[tuple[tuple[int, int], ...], _State] = {}

    def spend(self, root: Node, record: Any) -> None:
        """Add what it takes to validate a record against a schema."""
        self._visit(self._state([(root, 1)]), record)

    def _visit(self, state: _State, value: Any) -> tuple[int, Numbers]:
        """The size of a value in bytes and the numbers in it, when its work was added."""
        cost = state.cost
        self._add(_VISIT + cost.base)
        if isinstance(value, dict):
            size, numbers = self._visit_object(state, value)
        elif isinstance(value, list):
            size, numbers = self._visit_array(state, value)
        elif isinstance(value, str):
            self._add(cost.letter * len(value))
            size, numbers = _VALUE + 2 * len(value), Numbers.NONE
        else:
            size, numbers = _VALUE, numbers_in(value)
        if numbers:
            self._add(cost.of_numbers(numbers))
        self.memory += cost.problems * size + cost.words
        return size, numbers

    def _visit_object(self, state: _State, value: Mapping[str, Any]) -> tuple[int, Numbers]:
        size, numbers = _VALUE, Numbers.NONE
        letters = sum(map(len, value))
        self._add(state.cost.member * len(value) + state.cost.name_letter * letters)
        for name, inner in value.items():
            more, sorts = self._visit(self._step(state, name), inner)
            size, numbers = size + more, numbers | sorts
        if state.names:
            named = self._state(state.names)
            for name in value:
                self._visit(named, name)
        return size + _VALUE * len(value) + 2 * letters, numbers

    def _visit_array(self, state: _State, value: Sequence[Any]) -> tuple[int, Numbers]:
        size, numbers = _VALUE, Numbers.NONE
        self._add(state.cost.member * len(value))
        for index, inner in enumerate(value):
            more, sorts = self._visit(self._step(state, index), inner)
            size, numbers = size + more, numbers | sorts
        self._add(state.cost.of_items(len(value), size, numbers))
        return size, numbers

    def _step(self, state: _State, step: str | int) -> _State:
        key = state.key(step)
        if key not in state.steps:
            state.steps[key] = self._state(state.below(step))
        return state.steps[key]

    def _state(self, entries: Iterable[tuple[Node, int]]) -> _State:
        """The state of a value to which some subschemas apply, and others because of them."""
        first: dict[Node, int] = {}
        for node, times in entries:
            first[node] = first.get(node, 0) + times
        key = tuple(sorted((self._rank[node], times) for node, times in first.items()))
        if key not in self._states:
            self._states[key] = _State(self._spread(first))
        return self._states[key]

    def _spread(self, first: Mapping[Node, int]) -> dict[Node, int]:
        """How often each subschema is evaluated, for the answer or to look again."""
        answers, again = dict(first), dict.fromkeys(first, 0)
        for node in sorted(_reached(first), key=self._rank.__getitem__):
            self._add(_PREPARE)
            again[node] = again.get(node, 0) + (answers[node] if node.looks_again else 0)
            for one in node.here:
                answers[one] = answers.get(one, 0) + answers[node] + again[node]
                again[one] = again.get(one, 0) + again[node]
        return {node: times + again[node] for node, times in answers.items()}

    def _add(self, work: int) -> None:
        self.work += work
        if self.work > MAX_WORK:
            raise _TooMuch


def _reached(first: Iterable[Node]) -> set[Node]:
    """Some subschemas, and all that apply to the same value because of them."""
    found, waiting = set(first), list(first)
    while waiting:
        for one in waiting.pop().here:
            if one not in found:
                found.add(one)
                waiting.append(one)
    return found
