"""Tests of what ``like_`` means."""

from __future__ import annotations

import sys
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cliquet.protocol import like
from tests.unit.protocol.strategies import CHARACTERS, TEXT

FEW = st.text("aAbé*", max_size=8)
PLAIN = TEXT.map(lambda text: text.replace("*", ""))


def naive(text: str, pattern: str) -> bool:
    """The specification, without any thought of speed: both are folded already."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(naive(text[start:], pattern[1:]) for start in range(len(text) + 1))
    return bool(text) and text[0] == pattern[0] and naive(text[1:], pattern[1:])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Hello World", "WOR"),
        ("Hello", "hello"),
        ("Hello", "h*o"),
        ("Hello", "*"),
        ("", "*"),
        ("", ""),
        ("anything", ""),
        ("100%", "%"),
        ("a_b", "a_b"),
        ("École", "éCOLE"),
        ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
        ("aba", "a*a"),
        ("a\nb", "a*b"),
        ("a.b[c]\\", ".b[c]\\"),
        ("\u212a", "k"),
        ("İzmir", "izmir"),
    ],
)
def test_text_is_found(text: str, value: str) -> None:
    assert like.matches(text, value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Hello", "h*l"),
        ("Hello", "e*o"),
        ("100", "%"),
        ("axb", "a_b"),
        ("a", "a*a"),
        ("ab", "b*a"),
        ("ß", "ss"),
        ("Ecole", "École"),
        ("ς", "σ"),
        ("ab", "."),
    ],
)
def test_text_is_not_found(text: str, value: str) -> None:
    assert not like.matches(text, value)


@given(FEW, FEW)
@example("aab", "*a*b")
@example("ab", "ab*b")
@example("aaa", "aa*aa")
def test_like_agrees_with_its_specification(text: str, value: str) -> None:
    pattern = value if "*" in value else f"*{value}*"
    assert like.matches(text, value) == naive(like.fold(text), like.fold(pattern))


@given(TEXT, PLAIN, TEXT)
def test_without_a_wildcard_the_value_is_found_anywhere(before: str, value: str, after: str) -> None:
    assert like.matches(before + value + after, value)
    assert like.matches(before + value + after, f"*{value}*")


@given(PLAIN)
def test_case_never_matters(text: str) -> None:
    assert like.fold(like.fold(text)) == like.fold(text)
    assert len(like.fold(text)) == len(text)
    assert like.matches(like.fold(text), text)
    assert like.matches(text, like.fold(text))


@given(TEXT, TEXT)
def test_folding_is_done_character_by_character(one: str, other: str) -> None:
    assert like.fold(one + other) == like.fold(one) + like.fold(other)


def test_the_simple_mapping_differs_from_the_full_one_for_one_character_only() -> None:
    longer = [char for char in map(chr, range(sys.maxunicode + 1)) if len(char.lower()) > 1]
    assert longer == ["İ"]
    assert like.fold("İ") == "i"


@given(CHARACTERS)
def test_the_variants_of_a_character_are_those_that_fold_to_the_same(char: str) -> None:
    assert char in like.variants(char)
    assert {like.fold(each) for each in like.variants(char)} == {like.fold(char)}


def test_no_variant_is_forgotten() -> None:
    for char in map(chr, range(0x3000)):
        assert char in like.variants(like.fold(char))


def test_the_pieces_are_what_is_between_the_wildcards() -> None:
    assert like.pieces("") == ("", "")
    assert like.pieces("*") == ("", "")
    assert like.pieces("a**b") == like.pieces("a*b") == ("a", "b")


@pytest.mark.parametrize("value", ["a*" * 400 + "b", "*a" * 500, "a" * 500 + "*" + "a" * 499 + "b", "*" * 1000])
def test_many_wildcards_take_no_long_time(value: str) -> None:
    began = time.perf_counter()
    like.matches("a" * 200_000, value)
    assert time.perf_counter() - began < 2
