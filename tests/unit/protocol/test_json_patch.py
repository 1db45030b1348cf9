"""Tests of the JSON patch."""

from __future__ import annotations

import copy
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliquet.errors import InvalidInput
from cliquet.protocol import body, patch
from tests.unit.protocol.strategies import JSON

SPACE = 100_000

#: RFC 6902, appendix A, inside of ``/data``: document, operations, result (``None`` when it is an error).
EXAMPLES: dict[str, tuple[Any, list[Any], Any]] = {
    "A.1": ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux"}], {"baz": "qux", "foo": "bar"}),
    "A.2": (
        {"foo": ["bar", "baz"]},
        [{"op": "add", "path": "/foo/1", "value": "qux"}],
        {"foo": ["bar", "qux", "baz"]},
    ),
    "A.3": ({"baz": "qux", "foo": "bar"}, [{"op": "remove", "path": "/baz"}], {"foo": "bar"}),
    "A.4": ({"foo": ["bar", "qux", "baz"]}, [{"op": "remove", "path": "/foo/1"}], {"foo": ["bar", "baz"]}),
    "A.5": (
        {"baz": "qux", "foo": "bar"},
        [{"op": "replace", "path": "/baz", "value": "boo"}],
        {"baz": "boo", "foo": "bar"},
    ),
    "A.6": (
        {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
        [{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}],
        {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
    ),
    "A.7": (
        {"foo": ["all", "grass", "cows", "eat"]},
        [{"op": "move", "from": "/foo/1", "path": "/foo/3"}],
        {"foo": ["all", "cows", "eat", "grass"]},
    ),
    "A.8": (
        {"baz": "qux", "foo": ["a", 2, "c"]},
        [{"op": "test", "path": "/baz", "value": "qux"}, {"op": "test", "path": "/foo/1", "value": 2}],
        {"baz": "qux", "foo": ["a", 2, "c"]},
    ),
    "A.9": ({"baz": "qux"}, [{"op": "test", "path": "/baz", "value": "bar"}], None),
    "A.10": (
        {"foo": "bar"},
        [{"op": "add", "path": "/child", "value": {"grandchild": {}}}],
        {"foo": "bar", "child": {"grandchild": {}}},
    ),
    "A.12": ({"foo": "bar"}, [{"op": "add", "path": "/baz/bat", "value": "qux"}], None),
    "A.14": ({"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": 10}], {"/": 9, "~1": 10}),
    "A.15": ({"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": "10"}], None),
    "A.16": (
        {"foo": ["bar"]},
        [{"op": "add", "path": "/foo/-", "value": ["abc", "def"]}],
        {"foo": ["bar", ["abc", "def"]]},
    ),
}


def apply(data: Any, operations: Any, *, permissions: Any = None, max_bytes: int = SPACE) -> dict[str, Any]:
    envelope = {"data": data} if permissions is None else {"data": data, "permissions": permissions}
    before = copy.deepcopy((envelope, operations))
    try:
        return patch.apply(patch.JSON_PATCH, envelope, operations, max_bytes=max_bytes)
    finally:
        assert (envelope, operations) == before


def refused(operations: Any, data: Any = None, **options: Any) -> str | None:
    """The name that the refusal has."""
    with pytest.raises(InvalidInput) as caught:
        apply({"a": 1, "l": [1, 2], "t": "text"} if data is None else data, operations, **options)
    (problem,) = caught.value.problems
    assert problem.location == "body"
    assert len(problem.description) < 300
    return problem.name


def inside(operation: dict[str, Any]) -> dict[str, Any]:
    return {name: f"/data{value}" if name in ("path", "from") else value for name, value in operation.items()}


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_of_rfc_6902_hold(example: str) -> None:
    document, operations, due = EXAMPLES[example]
    if due is None:
        assert refused(list(map(inside, operations)), document) == "0"
    else:
        assert apply(document, list(map(inside, operations))) == {"data": due}


@pytest.mark.parametrize(
    "operation",
    [
        None,
        1,
        "add",
        [],
        {},
        {"op": "add"},
        {"op": None, "path": "/data/a", "value": 1},
        {"op": [], "path": "/data/a", "value": 1},
        {"op": {}, "path": "/data/a", "value": 1},
        {"op": "explode", "path": "/data/a", "value": 1},
        {"op": "ADD", "path": "/data/a", "value": 1},
        {"op": "replace", "value": 1},
        {"op": "replace", "path": "/data/a"},
        {"op": "test", "path": "/data/a"},
        {"op": "add", "path": "/data/a"},
        {"op": "add", "path": "/data/a", "value": 1, "foo": 1},
        {"op": "add", "path": 1, "value": 1},
        {"op": "add", "path": None, "value": 1},
        {"op": "add", "path": "", "value": {}},
        {"op": "add", "path": "data/a", "value": 1},
        {"op": "add", "path": "/database", "value": 1},
        {"op": "add", "path": "/elsewhere", "value": 1},
        {"op": "remove", "path": "/permissions"},
        {"op": "add", "path": "/data/a~2", "value": 1},
        {"op": "add", "path": "/data/a~", "value": 1},
        {"op": "add", "path": "/data/l/3", "value": 1},
        {"op": "add", "path": "/data/l/-1", "value": 1},
        {"op": "add", "path": "/data/l/01", "value": 1},
        {"op": "add", "path": "/data/l/1e0", "value": 1},
        {"op": "add", "path": "/data/l/٣", "value": 1},
        {"op": "add", "path": "/data/l/" + "9" * 5000, "value": 1},
        {"op": "add", "path": "/data/t/0", "value": 1},
        {"op": "replace", "path": "/data/l/-", "value": 1},
        {"op": "remove", "path": "/data/l/-"},
        {"op": "test", "path": "/data/l/-", "value": 1},
        {"op": "test", "path": "/data/t/0", "value": "t"},
        {"op": "test", "path": "/data/nope", "value": None},
        {"op": "replace", "path": "/data/nope", "value": 1},
        {"op": "remove", "path": "/data/nope"},
        {"op": "copy", "path": "/data/a"},
        {"op": "copy", "path": "/data/a", "from": 1},
        {"op": "copy", "path": "/data/a", "from": ""},
        {"op": "copy", "path": "/data/a", "from": "/permissions"},
        {"op": "copy", "path": "/data/a", "from": "/data/nope"},
        {"op": "copy", "path": "/data/a", "from": "/data/l/-"},
        {"op": "copy", "path": "/data/a", "from": "/data/t/0"},
        {"op": "move", "path": "/data/a"},
        {"op": "move", "path": "/data/a", "from": ""},
        {"op": "move", "path": "/data/l/0", "from": "/data/l"},
        {"op": "move", "path": "/data/a", "from": "/data"},
        {"op": "add", "path": "/permissions/read/a", "value": 1},
    ],
)
def test_a_bad_operation_is_refused_by_its_place(operation: Any) -> None:
    good = {"op": "test", "path": "/data/a", "value": 1}
    name = refused([good, operation])
    assert name is not None
    assert name.split(".")[0] == "1"


@pytest.mark.parametrize("change", [None, {}, {"data": {}}, "x", 1])
def test_a_patch_is_an_array(change: Any) -> None:
    assert refused(change) is None


def test_there_is_a_limit_to_operations() -> None:
    operation = {"op": "test", "path": "/data/a", "value": 1}
    assert apply({"a": 1}, [operation] * patch.MAX_OPERATIONS) == {"data": {"a": 1}}
    assert refused([operation] * (patch.MAX_OPERATIONS + 1)) is None


@pytest.mark.parametrize(
    ("stored", "tested", "same"),
    [
        (1, True, False),
        (True, 1, False),
        (0, False, False),
        (1, 1.0, True),
        (1, "1", False),
        (None, None, True),
        ([1, {"a": 2}], [1.0, {"a": 2}], True),
        ([1], [True], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
    ],
)
def test_a_test_compares_json_values(stored: Any, tested: Any, *, same: bool) -> None:
    operation = {"op": "test", "path": "/data/a", "value": tested}
    if same:
        assert apply({"a": stored}, [operation]) == {"data": {"a": stored}}
    else:
        assert refused([operation], {"a": stored}) == "0"


@pytest.mark.parametrize(
    "operations",
    [
        [{"op": "remove", "path": "/data"}],
        [{"op": "replace", "path": "/data", "value": 1}],
        [{"op": "add", "path": "/data", "value": None}],
        [{"op": "copy", "from": "/data/l", "path": "/data"}],
    ],
)
def test_a_record_stays_an_object(operations: Any) -> None:
    assert refused(operations) == "data"


def test_a_record_may_be_replaced_as_a_whole() -> None:
    assert apply({"a": 1}, [{"op": "replace", "path": "/data", "value": {"b": 2}}]) == {"data": {"b": 2}}


def test_copies_do_not_share_anything() -> None:
    operations = [
        {"op": "copy", "from": "/data/a", "path": "/data/b"},
        {"op": "add", "path": "/data/b/-", "value": 2},
    ]
    assert apply({"a": [1]}, operations) == {"data": {"a": [1], "b": [1, 2]}}
    operations = [{"op": "add", "path": "/data/b", "value": []}, {"op": "add", "path": "/data/b/-", "value": 2}]
    assert apply({}, operations) == {"data": {"b": [2]}}


def test_copies_of_copies_do_not_explode() -> None:
    began = time.perf_counter()
    bomb = [{"op": "copy", "from": "/data/a", "path": "/data/a/-"}] * 1000
    name = refused(bomb, {"a": ["x" * 100]})
    assert name is not None
    assert int(name) < 20
    assert time.perf_counter() - began < 2


def test_copies_and_removals_in_turn_are_bounded_too() -> None:
    again = [{"op": "copy", "from": "/data/a", "path": "/data/b"}, {"op": "remove", "path": "/data/b"}]
    assert refused(again * 500, {"a": "x" * 1000}) is not None


def test_a_result_that_is_too_large_is_refused() -> None:
    grow = [{"op": "add", "path": "/data/b", "value": "x" * 80}]
    assert refused(grow, {"a": "x" * 40}, max_bytes=100) is None


@pytest.mark.parametrize("last", ["copy", "test", "move", "none"])
@pytest.mark.parametrize("levels", [128, 300, 998])
def test_a_result_that_is_too_deep_is_refused(last: str, levels: int) -> None:
    deepen = [{"op": "add", "path": "/data/a" + "/a" * depth, "value": {}} for depth in range(1, levels)]
    ends: dict[str, list[Any]] = {
        "copy": [{"op": "copy", "from": "/data/a", "path": "/data/b"}],
        "test": [{"op": "test", "path": "/data/a", "value": 1}],
        "move": [{"op": "move", "from": "/data/a", "path": "/data/b"}],
        "none": [],
    }
    refused([*deepen, *ends[last]], {"a": {}}, max_bytes=10**7)


def test_copies_that_double_the_depth_are_refused() -> None:
    double = [{"op": "copy", "from": "/data/a", "path": "/data/a" + "/a" * 2**power} for power in range(18)]
    refused(double, {"a": {}}, max_bytes=10**7)


def test_what_is_refused_does_not_show_permissions() -> None:
    with pytest.raises(InvalidInput) as caught:
        apply({}, [{"op": "remove", "path": "/permissions/nope/x"}], permissions={"read": {"secret": "secret"}})
    assert "secret" not in str(caught.value)


def test_a_principal_needs_no_value() -> None:
    stored = {"read": {"a": "a"}, "record:create": {}}
    operations = [
        {"op": "test", "path": "/permissions/read/a"},
        {"op": "add", "path": "/permissions/read/b~1c"},
        {"op": "add", "path": "/permissions/record:create/d", "value": "whatever"},
        {"op": "remove", "path": "/permissions/read/a"},
    ]
    due = {"read": {"b/c": "b/c"}, "record:create": {"d": "d"}}
    assert apply({}, operations, permissions=stored) == {"data": {}, "permissions": due}
    assert refused([{"op": "test", "path": "/permissions/read/b"}], permissions=stored) == "0"


POINTERS = st.one_of(
    st.sampled_from(["/data", "/data/a", "/data/l", "/data/l/0", "/data/l/-", "/data/a/b", "/permissions/read/x", ""]),
    st.text("/data~01-l", max_size=8),
    JSON,
)
OPERATIONS = st.one_of(
    JSON,
    st.fixed_dictionaries(
        {"op": st.sampled_from(["test", "add", "remove", "replace", "move", "copy", "x"]), "path": POINTERS},
        optional={"from": POINTERS, "value": JSON},
    ),
)


@given(st.lists(OPERATIONS, max_size=5) | JSON)
def test_any_patch_is_applied_or_refused_and_nothing_given_is_modified(operations: Any) -> None:
    with suppress(InvalidInput):
        found = apply({"a": {"b": 1}, "l": [1, [2]]}, operations, permissions={"read": {"x": "x"}})
        assert body.fault(found) is None
        assert isinstance(found["data"], dict)
        assert isinstance(found["permissions"], dict)
