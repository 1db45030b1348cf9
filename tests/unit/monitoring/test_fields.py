"""No value can make a log line long, or make it two."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cliquet.monitoring.fields import cut, escape


class Hostile:
    def __repr__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize("value", [None, True, 0, -5, 1.5, "", "text", [], [1, "a", None], {"a": {"b": [1]}}])
def test_short_json_stays_as_it_is(value: Any) -> None:
    assert cut(value) == value


@pytest.mark.parametrize("text", ["a" * 1_000_000, "é" * 1024, "😀" * 500, "\ud800" * 2000])
def test_text_never_exceeds_the_limit_in_bytes(text: str) -> None:
    assert len(cut(text).encode(errors="replace")) <= 1024
    assert cut(text).endswith("…")


def test_a_long_object_becomes_the_beginning_of_its_json() -> None:
    shortened = cut({"key": "x" * 5000})
    assert shortened.startswith('{"key": "xxx')
    assert len(shortened.encode()) <= 1024


@pytest.mark.parametrize(
    "value",
    [
        {1, 2},
        b"\xff",
        {("a", "b"): 1},
        [float("nan")],
        float("inf"),
        Hostile(),
        [Hostile()],
        pytest.param(1 << 20_000, id="an integer of 6000 digits"),
    ],
)
def test_what_is_not_json_becomes_json(value: Any) -> None:
    assert len(json.dumps(cut(value), allow_nan=False)) <= 1100


def test_an_object_that_contains_itself_is_described() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert cut(loop) == "[[...]]"


@pytest.mark.parametrize("bad", ["\n", "\r", "\x1b[31m", "\x00", "\x85", "\u2028", "\u202e", "\x7f", "\ud800"])
def test_nothing_that_moves_the_cursor_is_printed(bad: str) -> None:
    assert escape(f"a{bad}b").isprintable()


def test_ordinary_text_of_any_language_is_not_escaped() -> None:
    assert escape("déjà vu 日本 😀") == "déjà vu 日本 😀"
