"""Tests of the token that leads from page to page."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliquet.errors import InvalidInput
from cliquet.protocol.order import MISSING, Key, sort_key
from cliquet.protocol.page import Tokens, binding
from tests.unit.protocol.strategies import ANY_TEXT, JSON

TOKENS = Tokens("secret")
POSITIONS = st.lists(st.one_of(JSON, st.just(MISSING)).map(sort_key), max_size=4).map(tuple)
PARAMETERS = st.lists(st.tuples(st.sampled_from(["_sort", "_limit", "_token", "a", "b"]), ANY_TEXT), max_size=4)
TOKEN = TOKENS.make((Key(1, 0, "title"), Key(2, 1_795_224_588_093), Key(1, 0, "x")), b"here")


def refused(token: str, bound: bytes = b"here", tokens: Tokens = TOKENS) -> None:
    with pytest.raises(InvalidInput) as caught:
        tokens.read(token, bound)
    assert [(problem.location, problem.name) for problem in caught.value.problems] == [("querystring", "_token")]


@given(POSITIONS, st.binary())
def test_a_token_leads_back_to_its_position(position: tuple[Key, ...], bound: bytes) -> None:
    assert TOKENS.read(TOKENS.make(position, bound), bound) == position


@given(POSITIONS)
def test_a_token_needs_no_quoting_in_a_url(position: tuple[Key, ...]) -> None:
    assert TOKENS.make(position, b"").replace("-", "a").replace("_", "a").isalnum()


@given(ANY_TEXT | st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_a_forged_token_is_refused(token: str) -> None:
    refused(token)


@pytest.mark.parametrize("length", range(len(TOKEN)))
def test_a_truncated_token_is_refused(length: int) -> None:
    refused(TOKEN[:length])
    refused(TOKEN[length + 1 :])


@pytest.mark.parametrize("index", range(len(TOKEN)))
def test_a_token_of_which_one_bit_is_flipped_is_refused(index: int) -> None:
    for bit in range(8):
        refused(TOKEN[:index] + chr(ord(TOKEN[index]) ^ 1 << bit) + TOKEN[index + 1 :])


@pytest.mark.parametrize("end", ["=", "==", "\n", " ", "A", "\x00", "é"])
def test_a_token_with_something_at_its_end_is_refused(end: str) -> None:
    refused(TOKEN + end)
    refused(end + TOKEN)


def test_a_token_is_good_for_what_it_was_made_for_only() -> None:
    refused(TOKEN, b"there")
    refused(TOKEN, b"")


def test_a_token_of_another_server_is_refused() -> None:
    refused(TOKEN, tokens=Tokens("another"))
    refused(TOKEN, tokens=Tokens(""))


@given(ANY_TEXT, ANY_TEXT, PARAMETERS)
def test_limit_fields_and_token_may_differ_between_pages(path: str, owner: str, pairs: list[tuple[str, str]]) -> None:
    bound = [(name, text) for name, text in pairs if name not in ("_limit", "_token")]
    free = [("_limit", "2"), ("_token", "x"), ("_fields", "a")]
    assert binding(path, owner, bound) == binding(path, owner, [*bound, *free]) == binding(path, owner, pairs)


@pytest.mark.parametrize(
    "other",
    [
        ("/articles/", "alice", [("a", "1"), ("_sort", "b")]),
        ("/articles", "bob", [("a", "1"), ("_sort", "b")]),
        ("/articles", "alice", [("a", "2"), ("_sort", "b")]),
        ("/articles", "alice", [("a", "1"), ("_sort", "-b")]),
        ("/articles", "alice", [("_sort", "b")]),
        ("/articles", "alice", [("a", "1"), ("_sort", "b"), ("c", "1")]),
        ("/articles", "alice", [("a", "1"), ("_sort", "b"), ("_since", "1")]),
        ("/articlesalice", "", [("a", "1"), ("_sort", "b")]),
    ],
)
def test_a_token_is_bound_to_path_owner_filters_and_sort(other: tuple[str, str, list[tuple[str, str]]]) -> None:
    assert binding(*other) != binding("/articles", "alice", [("a", "1"), ("_sort", "b")])


def test_the_order_of_different_parameters_does_not_matter() -> None:
    pairs = [("a", "1"), ("_sort", "b")]
    assert binding("/", "", pairs) == binding("/", "", pairs[::-1])


def test_the_order_of_equal_names_does_for_the_last_sort_counts() -> None:
    pairs = [("_sort", "a"), ("_sort", "b,c")]
    assert binding("/", "", pairs) != binding("/", "", pairs[::-1])
