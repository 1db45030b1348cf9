"""The tests of filters: each operator, for values of every type (``docs/protocol/reading``)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pytest

from cliquet.database.transaction import Transaction
from cliquet.protocol.operators import OPERATORS
from cliquet.protocol.order import MISSING
from cliquet.protocol.query import Filter, Query
from cliquet.storage.base import Storage
from cliquet.testing.storage.base import ALICE, START, Contract, ids, ordered_by, save

__all__ = ["OPERANDS", "VALUES", "FiltersContract"]

#: What a field may hold.
VALUES: tuple[Any, ...] = (
    MISSING,
    None,
    *(
        "",
        "a",
        "A",
        "b",
        "é",
        "É",
        "10",
        "null",
        "true",
        "hello world",
        "100%",
        "a_b",
        "a.b",
        "a\\b",
        "[x]",
        "a\nb",
        "*",
    ),
    *("x" * 300 + "a", "x" * 300 + "b", "Straße", "ΣΊΣΥΦΟΣ", "K", "😀", "\uffff", '"', "'"),
    *(0, 1, -1, 2, 10, 1.5, -0.5, 0.1, 0.3, 0.1 + 0.2, 1e300, 5e-324, 1e22, 1e-7),
    *(2**53, 2**53 + 1, 2**63 - 1, -(2**63), 1.7976931348623157e308),
    *(True, False),
    *([], [0], [1], [1, "a"], ["a", "b"], ["A"], [None], [[1]], [True], [0.1], [1e300], [{"a": 1}], ["100%"]),
    *({}, {"a": 1}, {"b": 1}, {"a": 1, "b": 2}, {"a": {"v": [1.5]}}, {'q"\\': "\x01é"}),
)
_OF_EVERY_TYPE = tuple(value for value in VALUES if value is not MISSING)
_LISTS: tuple[Any, ...] = (
    (),
    (None,),
    ("a", "é", ""),
    (1, 0.1, 1e300),
    (0.3, 0.1 + 0.2, 5e-324),
    (2**53 + 1, -(2**63), 2**63 - 1),
    (True, "true", 10),
    ([1], {"a": 1.0}, "x" * 300 + "b"),
    _OF_EVERY_TYPE,
)
_TEXTS = (
    *(
        "a",
        "A",
        "É",
        "é",
        "hello",
        "HELLO*",
        "*world",
        "h*o*d",
        "*",
        "",
        "%",
        "_",
        ".",
        "a.b",
        "a\\b",
        "\\",
        "[x]",
        "a\nb",
    ),
    *(
        "null",
        "true",
        "10",
        "1",
        "0.3",
        "1000",
        "e",
        '"',
        '": 1',
        "[1",
        "ss",
        "straße",
        "STRASSE",
        "σίσυφος",
        "k",
        "K",
        "😀",
    ),
    *("a**b", "b*a", "xxx*b", "^a", "a$", "(", "a|b", "?", "+", "{", "'"),
)
_ELEMENTS = (
    (),
    (1,),
    (1.0,),
    ("a",),
    (1, "a"),
    (None,),
    ([1],),
    (True,),
    (0.1,),
    (1e300,),
    ({"a": 1},),
    ("b", 7),
    (0,),
)

#: Operator -> operands that are tried; an operator without a row here is an operator without a test.
OPERANDS: Mapping[str, tuple[Any, ...]] = {
    **dict.fromkeys(("eq", "not", "lt", "max", "gt", "min"), _OF_EVERY_TYPE),
    **dict.fromkeys(("in", "exclude"), _LISTS),
    **dict.fromkeys(("contains", "contains_any"), _ELEMENTS),
    "like": _TEXTS,
    "has": (True, False),
}


def fill(storage: Storage, *above: str) -> None:
    """Store each value in a field ``v``, inside of fields with other names, in one transaction."""
    with Transaction() as transaction:
        for number, value in enumerate(VALUES):
            fields: dict[str, Any] = {} if value is MISSING else {"v": value}
            for name in above:
                fields = {name: fields}
            storage.create(ALICE, {"id": f"{number:03}", **fields}, transaction=transaction)


def expected(operator: str, operand: Any) -> list[str]:
    """The ids of the values for which an operator holds, by the specification."""
    return [f"{number:03}" for number, value in enumerate(VALUES) if OPERATORS[operator].holds(value, operand)]


def selected(
    storage: Storage, field: str, operand: Any, operator: str = "eq", *, tombstones: bool = False
) -> list[str]:
    """The ids that one filter lets through, in their order."""
    condition = Filter(field, operand, operator)
    return ids(storage.page(ALICE, ordered_by("id", filters=(condition,), tombstones=tombstones)))


class FiltersContract(Contract):
    """Filters mean what :mod:`cliquet.protocol.operators` says."""

    @pytest.mark.parametrize("operator", OPERATORS)
    def test_an_operator_means_the_same_for_every_type(self, storage: Storage, operator: str) -> None:
        fill(storage)
        found = {repr(operand): selected(storage, "v", operand, operator) for operand in OPERANDS[operator]}
        assert found == {repr(operand): expected(operator, operand) for operand in OPERANDS[operator]}

    @pytest.mark.parametrize("operator", OPERATORS)
    def test_an_operator_means_the_same_deep_in_a_record(self, storage: Storage, operator: str) -> None:
        fill(storage, "p", "o")
        operands = OPERANDS[operator][:12]
        found = {repr(operand): selected(storage, "o.p.v", operand, operator) for operand in operands}
        assert found == {repr(operand): expected(operator, operand) for operand in operands}

    @pytest.mark.parametrize("operator", OPERATORS)
    def test_an_operator_counts_what_it_selects(self, storage: Storage, operator: str) -> None:
        fill(storage)
        for operand in OPERANDS[operator][:4]:
            query = Query(filters=(Filter("v", operand, operator),), limit=1)
            assert storage.count(ALICE, query).total == len(expected(operator, operand))

    @pytest.mark.parametrize("operator", ["eq", "not", "lt", "max", "gt", "min"])
    @pytest.mark.parametrize("field", ["id", "last_modified", "deleted"])
    def test_comparisons_of_what_the_server_keeps(self, storage: Storage, operator: str, field: str) -> None:
        records = [document.data for document in save(storage, {}, {}, {})]
        records[1] = storage.delete(ALICE, "b").data
        operands: tuple[Any, ...] = ("b", "", START + 1, 0, 2**63 - 1, None, True, False, [], {})
        for operand in operands:
            condition = Filter(field, operand, operator)
            found = selected(storage, field, operand, operator, tombstones=True)
            assert found == [one["id"] for one in records if condition.holds(one)], operand

    @pytest.mark.parametrize("operator", ["in", "exclude", "contains", "contains_any"])
    @pytest.mark.parametrize("field", ["id", "last_modified", "deleted"])
    def test_lists_of_what_the_server_keeps(self, storage: Storage, operator: str, field: str) -> None:
        records = [document.data for document in save(storage, {}, {}, {})]
        records[1] = storage.delete(ALICE, "b").data
        operands: tuple[Any, ...] = ((), ("b", "c"), (START, START + 2, "b"), (True,), (None,), ([], {}, False))
        for operand in operands:
            condition = Filter(field, operand, operator)
            found = selected(storage, field, operand, operator, tombstones=True)
            assert found == [one["id"] for one in records if condition.holds(one)], operand

    @pytest.mark.parametrize("field", ["id", "last_modified", "deleted"])
    def test_searches_of_what_the_server_keeps(self, storage: Storage, field: str) -> None:
        records = [document.data for document in save(storage, {}, {}, {"id": "Été_1%"})]
        records[1] = storage.delete(ALICE, "b").data
        for operand in ("B", "été", "1%", "_", "17000", "*1", "TRUE", ""):
            condition = Filter(field, operand, "like")
            found = selected(storage, field, operand, "like", tombstones=True)
            assert found == [one["id"] for one in records if condition.holds(one)], operand
        assert selected(storage, field, True, "has") == ([] if field == "deleted" else ["a", "Été_1%"])

    def test_all_filters_have_to_hold(self, storage: Storage) -> None:
        save(storage, {"n": 1}, {"n": 2}, {"n": 3, "t": "x"}, {"n": 4, "t": "y"})
        both = (Filter("n", 2, "min"), Filter("n", 4, "lt"), Filter("t", "x", "not"))
        assert ids(storage.page(ALICE, Query(filters=both))) == ["b"]
        assert storage.count(ALICE, Query(filters=both)).total == 1

    def test_a_path_leads_through_objects_only(self, storage: Storage) -> None:
        save(
            storage, {"o": ["x", {"v": "x"}]}, {"o": {"0": "x"}}, {"o": "x"}, {"o": None}, {}, {"o": {"0": {"v": "x"}}}
        )
        assert selected(storage, "o.0", "x") == ["b"]
        assert selected(storage, "o.0", True, "has") == ["b", "f"]
        assert selected(storage, "o.1.v", "x") == []
        assert selected(storage, "o.-1", True, "has") == []

    @pytest.mark.parametrize(
        "name", ["", " ", '"', "\\", "'", "%", "%s", ":a", "?", "$", "[0]", "é", "😀", "a b", "\x01", "\n", "a-b", "`"]
    )
    def test_a_field_may_have_any_name(self, storage: Storage, name: str) -> None:
        save(storage, {name: "x"}, {name: "y"}, {name + "2": "x"}, {"deep": {name: "x"}})
        assert selected(storage, name, "x") == ["a"]
        assert selected(storage, name, True, "has") == ["a", "b"]
        assert selected(storage, f"deep.{name}", "x") == ["d"]
        assert ids(storage.page(ALICE, ordered_by(name))) == ["a", "b", "d", "c"]

    def test_a_hundred_filters_are_possible(self, storage: Storage) -> None:
        save(storage, {"n": 200}, {"n": 50})
        many = tuple(Filter("n", number, "min") for number in range(60)) + tuple(
            Filter(f"f{n}", 1, "not") for n in range(40)
        )
        assert ids(storage.page(ALICE, Query(filters=many))) == ["a"]

    def test_a_list_may_have_thousands_of_values(self, storage: Storage) -> None:
        save(storage, {"n": 4999}, {"n": 5000}, {"n": 0.5})
        assert selected(storage, "n", (*range(5000), 0.5), "in") == ["a", "c"]

    @pytest.mark.parametrize("pattern", ["k*" * 500, "*k" * 500, "*" * 1000, "K" * 1000, "k*" * 499 + "x"])
    def test_a_long_pattern_does_no_harm(self, storage: Storage, pattern: str) -> None:
        save(storage, {"t": "k" * 5000}, {"t": "k"})
        texts = {"a": "k" * 5000, "b": "k"}
        expected = [record_id for record_id, text in texts.items() if OPERATORS["like"].holds(text, pattern)]
        begun = time.monotonic()
        assert selected(storage, "t", pattern, "like") == expected
        assert time.monotonic() - begun < 2
