"""Tests of the JSON dialect."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliquet.errors import InvalidInput, MalformedBody
from cliquet.protocol import body
from cliquet.protocol.order import equal
from tests.unit.protocol.strategies import JSON

MALFORMED = {
    "nothing": b"",
    "half an object": b"{",
    "two values": b"1 2",
    "a trailing comma": b"[1,]",
    "single quotes": b"{'a': 1}",
    "NaN": b"NaN",
    "Infinity": b"[-Infinity]",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '"a"'.encode("utf-16"),
    "bytes that are not UTF-8": b'"\xff"',
    "a surrogate in UTF-8": b'"\xed\xa0\x80"',
    "an overlong NUL": b'"\xc0\x80"',
    "a lone high surrogate": rb'"\ud800"',
    "a lone low surrogate": rb'{"\udc00x": 1}',
    "a raw NUL": b'"a\x00b"',
    "a raw control character": b'"\x01"',
}
REFUSED = {
    "an escaped NUL": rb'"a\u0000b"',
    "an escaped NUL in a name": rb'{"a\u0000b": 1}',
    "2 to the 63rd": b"9223372036854775808",
    "less than minus 2 to the 63rd": b"[-9223372036854775809]",
    "an integer of 30 digits": b'{"a": 111111111111111111111111111111}',
    "an integer of 5000 digits": b"9" * 5000,
    "a negative integer of 5000 digits": b"[-" + b"9" * 5000 + b"]",
    "a float that no double holds": b"1e400",
}


def nested(levels: int, *, kind: str = "array", inside: bytes = b"") -> bytes:
    """That many arrays or objects in each other."""
    if kind == "array":
        return b"[" * levels + inside + b"]" * levels
    return b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)


@pytest.mark.parametrize("case", MALFORMED)
def test_what_is_not_json_is_malformed(case: str) -> None:
    with pytest.raises(MalformedBody) as caught:
        body.decode(MALFORMED[case])
    assert caught.value.problems[0].location == "body"


@pytest.mark.parametrize("case", REFUSED)
def test_what_no_backend_may_have_to_keep_is_refused(case: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        body.decode(REFUSED[case])
    assert type(caught.value) is InvalidInput


@pytest.mark.parametrize("levels", [129, 130, 500, 1000, 1023, 1024, 5000, 200_000])
@pytest.mark.parametrize("kind", ["array", "object"])
@pytest.mark.parametrize("inside", [b"", b"1"])
def test_more_than_128_levels_are_refused(levels: int, kind: str, inside: bytes) -> None:
    with pytest.raises(InvalidInput, match="128 levels"):
        body.decode(nested(levels, kind=kind, inside=inside))


@pytest.mark.parametrize("levels", [1, 2, 127, 128])
@pytest.mark.parametrize("kind", ["array", "object"])
@pytest.mark.parametrize("inside", [b"", b"1"])
def test_up_to_128_levels_are_read(levels: int, kind: str, inside: bytes) -> None:
    raw = nested(levels, kind=kind, inside=inside)
    assert body.encode(body.decode(raw)) == raw


@pytest.mark.parametrize("raw", [b"[" * 200_000, b'{"a":' * 200_000, b'[{"":' * 100_000])
def test_deep_json_that_never_ends_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        body.decode(raw)


def test_many_siblings_are_not_deep() -> None:
    raw = b"[" + b",".join([b"[]"] * 5000) + b"]"
    assert len(body.decode(raw)) == 5000


@given(st.lists(st.text('[]{}"\\\\a,', max_size=5), min_size=1, max_size=8), st.integers(126, 130))
def test_brackets_and_quotes_in_texts_are_no_levels(texts: list[str], levels: int) -> None:
    value: Any = texts
    for level in range(1, levels):
        text = texts[level % len(texts)]
        value = {"in": value, text: [], f"{text}]": text} if level % 2 else [text, value, [], text]
    raw = body.encode(value)
    if levels <= body.MAX_DEPTH:
        assert body.decode(raw) == value
    else:
        with pytest.raises(InvalidInput):
            body.decode(raw)


def test_the_last_of_equal_names_wins() -> None:
    assert body.decode(b'{"a": 1, "b": 2, "a": 3}') == {"a": 3, "b": 2}


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 2**53 + 1, 0])
def test_64_bits_are_kept_exactly(number: int) -> None:
    assert body.decode(body.encode([number])) == [number]
    assert isinstance(body.decode(body.encode(number)), int)


def test_floats_stay_floats() -> None:
    assert isinstance(body.decode(b"1.0"), float)
    assert isinstance(body.decode(body.encode(1.0)), float)


@pytest.mark.parametrize("text", ["\\u0000", "9" * 40, "[" * 300, "😀", "\u2028", '"', "\\"])
def test_text_that_only_looks_suspicious_is_kept(text: str) -> None:
    assert body.decode(body.encode({text: text})) == {text: text}
    assert body.decode(json.dumps({text: text}).encode()) == {text: text}


@given(JSON)
def test_what_is_encoded_is_decoded_to_the_same(value: Any) -> None:
    again = body.decode(body.encode(value))
    assert equal(again, value)
    assert body.encode(again) == body.encode(value)


@given(JSON)
def test_what_others_encode_is_decoded_to_the_same(value: Any) -> None:
    assert equal(body.decode(json.dumps(value).encode()), value)
    assert equal(body.decode(json.dumps(value, ensure_ascii=False, indent=1).encode()), value)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_give_a_value_or_invalid_input(raw: bytes) -> None:
    decodes_or_refuses(raw)


@given(st.lists(st.sampled_from([*b'[]{}":,\\/u0dDeE+-.19tfn \xff\xed\xa0\x80\x00'])).map(bytes))
def test_bytes_that_are_nearly_json_give_a_value_or_invalid_input(raw: bytes) -> None:
    decodes_or_refuses(raw)


@given(st.binary(max_size=3), st.integers(1, 3000), st.sampled_from([b"[", b'{"a":', b'[{"":', b'"\\u', b"-1"]))
def test_repeated_bytes_give_a_value_or_invalid_input(end: bytes, times: int, piece: bytes) -> None:
    decodes_or_refuses(piece * times + end)


def decodes_or_refuses(raw: bytes) -> None:
    """No other error than the documented ones; what is decoded can be kept, and encoded again."""
    with suppress(InvalidInput):
        value = body.decode(raw)
        assert body.fault(value) is None
        assert equal(body.decode(body.encode(value)), value)


@given(JSON)
def test_a_good_value_has_no_fault(value: Any) -> None:
    assert body.fault(value) is None


@given(
    JSON,
    st.sampled_from(["\x00", "a\x00b", "\ud800", "x\udfff", 2**63, -(2**63) - 1, float("nan"), float("inf"), {1: 2}]),
)
def test_a_fault_is_found_wherever_it_is(value: Any, wrong: Any) -> None:
    assert body.fault([value, {"a": [wrong]}])
    assert body.fault({"a": {"b": wrong}, "c": value})
    if isinstance(wrong, str):
        assert body.fault([{wrong: value}])


def test_a_fault_in_depth_is_found_without_recursion() -> None:
    value: Any = 1
    for _ in range(50_000):
        value = [value]
    assert body.fault(value) == "JSON is nested deeper than 128 levels."


def test_what_is_stored_may_be_a_little_deeper_than_what_is_sent() -> None:
    text = b"[" * (body.MAX_DEPTH + 2) + b"]" * (body.MAX_DEPTH + 2)
    with pytest.raises(InvalidInput):
        body.decode(text)
    value = body.decode(text, depth=body.STORED_DEPTH)
    assert body.fault(value) is not None
    assert body.fault(value, depth=body.STORED_DEPTH) is None
