"""Generated records, and questions about them, of every type and with every name that JSON has."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from cliquet.protocol.operators import OPERATORS
from cliquet.protocol.order import MISSING, lookup
from cliquet.protocol.query import Filter, Query, Sort, total_order

__all__ = ["queries", "records"]

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)
#: Characters that folding, patterns, quoting or comparing may get wrong.
TRICKY = st.text(
    "aAbkK\u212asSß\u1e9e\u017fiIıİ\u0307σςΣåÅ\u212bǅǆ%_.*\\[]()^$|?+{}-'\"`:;/\n\r\t\x01\x7f \uffff😀", max_size=6
)
LONG = st.builds(lambda text, end: text * 260 + end, st.sampled_from("aé😀"), st.sampled_from(["", "a", "b"]))
NUMBERS = st.one_of(
    st.integers(-3, 3),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**60), 2**60).map(float),
    st.sampled_from(
        [0.1, 0.2, 0.1 + 0.2, 0.3, 1e300, -1e300, 5e-324, -0.0, 1.0, 2.0**53, 2**53, 2**53 + 1, 1e15, 1e16]
    ),
    st.sampled_from([2.0**63, -(2.0**63), 2**63 - 1, -(2**63), 123456789012345680.0, 1e22, 1e23]),
    st.sampled_from([1.7976931348623157e308, 2.2250738585072014e-308]),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), NUMBERS, TEXTS, TRICKY, LONG, st.sampled_from(["null", "true", "1", "1.0", "[]"])
)
NAMES = st.sampled_from(
    ["v", "w", "o", "", "0", 'q"', "back\\slash", "c\x01", "n\n", "é😀", "%s", "'", "a b", "$", "[0]", ":v", "?"]
)
MEMBERS = st.one_of(NAMES, NAMES, TEXTS)


def _containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.lists(inner, max_size=3), st.dictionaries(MEMBERS, inner, max_size=3))


VALUES = st.recursive(SCALARS, _containers, max_leaves=6)
IDS = st.one_of(st.sampled_from("abcdefgh"), TRICKY, TEXTS)


@st.composite
def records(draw: st.DrawFn, names: st.SearchStrategy[str] = NAMES | TEXTS) -> list[dict[str, Any]]:
    """Some records; few values are shared by several, so that there are duplicates.

    :param names: of their fields.
    """
    pool = draw(st.lists(VALUES, min_size=1, max_size=5))
    value = st.one_of(st.sampled_from(pool), VALUES)
    fields = st.dictionaries(names, value, max_size=4)
    nested = st.fixed_dictionaries({}, optional={"v": value, "o": st.dictionaries(NAMES, value, max_size=3)})
    made = draw(st.lists(fields, min_size=1, max_size=8))
    chosen = draw(st.lists(IDS, min_size=len(made), max_size=len(made), unique=True))
    return [{**record, **draw(nested), "id": one} for one, record in zip(chosen, made, strict=True)]


@st.composite
def queries(draw: st.DrawFn, stored: list[dict[str, Any]], preferred: tuple[str, ...] = ()) -> Query:
    """A question, mostly about fields and values that are there.

    :param preferred: fields that half of what is asked is about.
    """
    paths = st.sampled_from(_paths(stored))
    paths = st.sampled_from(preferred) | paths if preferred else paths
    tombstones = draw(st.booleans())
    filters = draw(st.lists(st.one_of(_filters(stored, paths)), max_size=2))
    asked = draw(
        st.lists(st.builds(Sort, paths, st.sampled_from([1, -1])), max_size=3, unique_by=lambda sort: sort.field)
    )
    limit = draw(st.integers(1, 4))
    only = draw(st.one_of(st.none(), _chosen(stored)))
    return Query(filters=tuple(filters), sort=total_order(asked), limit=limit, tombstones=tombstones, only=only)


def _chosen(stored: list[dict[str, Any]]) -> st.SearchStrategy[frozenset[str]]:
    """Ids that somebody may see; most of them are there."""
    return st.frozensets(st.one_of(st.sampled_from([record["id"] for record in stored]), IDS), max_size=6)


def _paths(stored: list[dict[str, Any]]) -> list[str]:
    """Fields of the records, of their members, of the server, and of nobody."""
    found = {"id", "last_modified", "deleted", "nobody", "v.0", "o.v"}
    for record in stored:
        for name, value in record.items():
            found.add(name)
            if isinstance(value, dict):
                found |= {f"{name}.{member}" for member in value}
    return sorted(found)


@st.composite
def _filters(draw: st.DrawFn, stored: list[dict[str, Any]], paths: st.SearchStrategy[str]) -> Filter:
    field = draw(paths)
    operator = draw(st.sampled_from(sorted(OPERATORS)))
    there = [value for record in stored if (value := lookup(record, tuple(field.split(".")))) is not MISSING]
    value = st.one_of(st.sampled_from(there), VALUES) if there else VALUES
    if field == "last_modified":
        value = st.one_of(st.integers(0, 2**63 - 1), st.integers(1000, 1010), TRICKY, st.none())
    return Filter(field, draw(_operand(operator, value, there)), operator)


def _operand(operator: str, value: st.SearchStrategy[Any], there: list[Any]) -> st.SearchStrategy[Any]:
    kind = OPERATORS[operator].operand
    if kind == "flag":
        return st.booleans()
    if kind == "text":
        parts = [text[:3] for text in there if isinstance(text, str)] or ["a"]
        return st.one_of(TRICKY, st.sampled_from(parts), st.sampled_from(parts).map(lambda text: f"*{text.upper()}*"))
    if kind == "elements":
        items = [item for array in there if isinstance(array, list) for item in array]
        value = st.one_of(st.sampled_from(items), value) if items else value
    return value if kind == "value" else st.lists(value, max_size=3).map(tuple)
