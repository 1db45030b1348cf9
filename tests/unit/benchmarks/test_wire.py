"""HTTP as the load generator speaks it."""

from __future__ import annotations

import pytest

from benchmarks.wire import Answer, Place, Request, encoded, parsed

PLACE = Place("127.0.0.1", 8888, "/v1", records=10)
WHOLE = b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\nETag: "5"\r\n\r\n{"data":[]}'


def test_a_request_is_what_a_server_reads() -> None:
    head, _, body = encoded(Request("PUT", "/x", {"a": 1}, "alice:secret", {"If-Match": '"5"'}), PLACE).partition(
        b"\r\n\r\n"
    )
    lines = head.decode().split("\r\n")
    assert lines[0] == "PUT /v1/x HTTP/1.1"
    assert {"Host: 127.0.0.1:8888", 'If-Match: "5"', "Content-Length: 8"} <= set(lines)
    assert "Authorization: Basic YWxpY2U6c2VjcmV0" in lines
    assert body == b'{"a": 1}'


@pytest.mark.parametrize("length", range(len(WHOLE)))
def test_an_answer_is_complete_when_all_of_it_is_there(length: int) -> None:
    assert parsed(WHOLE[:length]) is None


def test_a_complete_answer_is_read() -> None:
    answer = parsed(WHOLE)
    assert answer == Answer(200, {"content-length": "11", "etag": '"5"'}, b'{"data":[]}')
    assert answer is not None
    assert answer.json == {"data": []}


def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    data = b"HTTP/1.1 200 OK\r\n\r\nabc"
    assert parsed(data) is None
    assert parsed(data, closed=True) == Answer(200, {}, b"abc")


def test_an_answer_that_ends_too_early_is_an_error() -> None:
    with pytest.raises(OSError, match="closed"):
        parsed(WHOLE[:-1], closed=True)


def test_some_answers_have_no_body_whatever_their_headers_say() -> None:
    assert parsed(b"HTTP/1.1 304 Not Modified\r\n\r\n") == Answer(304, {}, b"")
    assert parsed(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", bodiless=True) == Answer(
        200, {"content-length": "5"}, b""
    )
