"""Cases of docs/protocol/body: the JSON that a server reads, and that which it refuses."""

from __future__ import annotations

import json

import pytest

from cliquet.conformance.client import Answer
from cliquet.conformance.sections import section
from cliquet.conformance.shelf import Shelf

TYPED = {"Content-Type": "application/json"}
MEBIBYTE = 2**20

#: What is wrong -> the JSON text of a value that is wrong in this way.
HOSTILE = {
    "a NUL character": rb'"a\u0000b"',
    "a raw NUL character": b'"a\x00b"',
    "a NUL in a name": rb'{"a\u0000b": 1}',
    "a lone high surrogate": rb'"\ud800"',
    "a lone low surrogate": rb'"\udc00x"',
    "a lone surrogate in a name": rb'{"\ud800": 1}',
    "NaN": b"NaN",
    "Infinity": b"Infinity",
    "minus Infinity": b"-Infinity",
    "an endless float": b"1e400",
    "2 to the 63rd": b"9223372036854775808",
    "less than minus 2 to the 63rd": b"-9223372036854775809",
    "an integer of 5000 digits": b"9" * 5000,
    "129 levels of arrays": b"[" * 129 + b"]" * 129,
    "100000 levels of arrays": b"[" * 100_000 + b"]" * 100_000,
    "100000 levels of objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "bytes that are not UTF-8": b'"\xff\xfe"',
    "a surrogate in UTF-8": b'"\xed\xa0\x80"',
    "an overlong NUL": b'"\xc0\x80"',
}
MALFORMED = [b"{", b'{"data": {}', b"nonsense", b"{'data': {}}", b'{"data": {},}', b'{"data": {}} {}', b"\x00"]


def post(alice: Shelf, value: bytes, field: str | None = None) -> Answer:
    """Create a record in which one field has this JSON text."""
    record = json.dumps(alice.new())[:-1].encode()
    name = json.dumps(field or alice.text).encode()
    return alice.client.request("POST", alice.path, raw=b'{"data": %s, %s: %s}}' % (record, name, value), headers=TYPED)


@section("body#json-dialect")
@pytest.mark.parametrize("case", HOSTILE)
def test_what_no_record_may_hold_is_refused(alice: Shelf, case: str) -> None:
    value = HOSTILE[case]
    post(alice, value).refused(400, 106, 107)
    post(alice, value, "kit_extra").refused(400, 106, 107)
    assert alice.records() == []


@section("body#json-dialect")
@pytest.mark.parametrize("case", HOSTILE)
def test_what_no_record_may_hold_is_refused_by_patch(alice: Shelf, case: str) -> None:
    record = alice.create()
    raw = b'{"data": {"%s": %s}}' % (alice.text.encode(), HOSTILE[case])
    alice.client.request("PATCH", alice.at(record), raw=raw, headers=TYPED).refused(400, 106, 107)
    assert alice.read(record).expect(200).data == record


@section("body#json-dialect")
@pytest.mark.parametrize("case", HOSTILE)
def test_what_no_record_may_hold_is_refused_in_a_batch(alice: Shelf, case: str) -> None:
    inner = b'{"method": "POST", "path": "%s", "body": {"data": {"a": %s}}}' % (alice.path.encode(), HOSTILE[case])
    answer = alice.client.request("POST", "/batch", raw=b'{"requests": [%s]}' % inner, headers=TYPED)
    if answer.status == 200:
        assert [each["status"] for each in answer.body["responses"]] == [400], answer.body
    else:
        answer.refused(400, 106, 107)
    assert alice.records() == []


@section("body#json-dialect")
@pytest.mark.parametrize("raw", MALFORMED)
def test_what_is_no_json_is_malformed(alice: Shelf, raw: bytes) -> None:
    alice.client.request("POST", alice.path, raw=raw, headers=TYPED).refused(400, 106)
    alice.client.request("POST", "/batch", raw=raw, headers=TYPED).refused(400, 106)


@section("body#json-dialect")
@pytest.mark.parametrize("raw", [b"[]", b"1", b'"x"', b"null", b"true"])
def test_a_body_is_an_object(alice: Shelf, raw: bytes) -> None:
    alice.client.request("POST", alice.path, raw=raw, headers=TYPED).refused(400, 106, 107)
    alice.client.request("POST", "/batch", raw=raw, headers=TYPED).refused(400, 106, 107)


@section("body#json-dialect")
def test_the_last_of_equal_names_wins(alice: Shelf) -> None:
    alice.create("first")
    answer = post(alice, b'"second"')  # the sample has the field already
    assert answer.expect(201).data[alice.text] == "second"


@section("body#json-dialect")
@pytest.mark.parametrize("text", ["é", "\U0001f980", "\u2028", 'quote " and \\', "\t\n", "\x7f", "\ufdd0", "<&>"])
def test_every_other_character_is_kept(alice: Shelf, text: str) -> None:
    record = alice.create(f"x{text}x")
    assert record[alice.text] == f"x{text}x"
    assert alice.read(record).expect(200).data == record


@section("body#json-dialect")
@pytest.mark.parametrize("value", [2**63 - 1, -(2**63), 2**53 + 1, 0.1, 1e300, -0.5, [], {}, {"": ""}, [None, [True]]])
def test_every_other_value_is_kept(alice: Shelf, open_schema: None, value: object) -> None:
    record = alice.create(kit_extra=value)
    assert record["kit_extra"] == value
    assert alice.read(record).expect(200).data["kit_extra"] == value


@section("body#json-dialect")
def test_a_hundred_levels_are_kept(alice: Shelf, open_schema: None) -> None:
    value: list[object] = []
    for _ in range(100):
        value = [value]
    assert alice.create(kit_extra=value)["kit_extra"] == value


@section("body#media-types")
@pytest.mark.parametrize(
    "kind", ["application/json", "application/json;charset=utf-8", "APPLICATION/JSON; charset=UTF-8"]
)
def test_json_is_read_whatever_its_parameters(alice: Shelf, kind: str) -> None:
    alice.post(alice.new(), {"Content-Type": kind}).expect(201)


@section("body#media-types")
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "nonsense"])
def test_another_media_type_is_refused(alice: Shelf, kind: str) -> None:
    alice.post(alice.new(), {"Content-Type": kind}).refused(415, 107)
    assert alice.records() == []


@section("body#media-types")
def test_a_body_without_media_type_is_refused(alice: Shelf) -> None:
    raw = json.dumps({"data": alice.new()}).encode()
    alice.client.request("POST", alice.path, raw=raw).refused(415, 107)


@section("body#media-types")
def test_no_body_needs_no_media_type(alice: Shelf) -> None:
    record = alice.create()
    alice.delete(record).expect(200)
    answer = alice.client.request("POST", alice.path)
    assert answer.status in {201, 400}, f"{answer}: without a body there is nothing to be unsupported"


@section("body#media-types")
def test_answers_are_json_in_utf8(alice: Shelf) -> None:
    record = alice.create("é")
    answer = alice.read(record).expect(200)
    assert answer.header("Content-Type").partition(";")[0] == "application/json"
    assert json.loads(answer.raw.decode("utf-8"))["data"] == record


@section("body#limits")
@pytest.mark.parametrize(("path", "sizes"), [("", [MEBIBYTE, 9 * MEBIBYTE]), ("/batch", [9 * MEBIBYTE])])
def test_a_body_that_is_too_large_is_refused(alice: Shelf, path: str, sizes: list[int]) -> None:
    for size in sizes:
        raw = b'{"data": {}, "requests": [], "%s": 1}' % (b"x" * size)
        answer = alice.client.request("POST", path or alice.path, raw=raw, headers=TYPED)
        if answer.status == 413:
            answer.refused(413, 113)
            return
    raise AssertionError(f"{answer} to a body of {size // MEBIBYTE} MiB, where 413 is due")


@section("body#limits")
def test_a_large_body_is_read(alice: Shelf) -> None:
    raw = json.dumps({"data": alice.new()}).encode() + b" " * 900_000
    alice.client.request("POST", alice.path, raw=raw, headers=TYPED).expect(201)
