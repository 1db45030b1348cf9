"""From a request to values: bodies, media types, parameters."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pyramid.request import Request

from cliquet.errors import BodyTooLarge, InvalidInput, MalformedBody, NotAcceptable, UnsupportedMediaType
from cliquet.protocol.order import MISSING
from cliquet.web import calls

JSON = ("application/json",)


def request(body: bytes = b"", **environ: Any) -> Request:
    found = Request.blank("/", method="POST", body=body)
    found.environ.update(environ)
    return found


def streamed(body: io.BytesIO, length: str) -> Request:
    """A request as it comes from a connection."""
    stream: dict[str, Any] = {"wsgi.input": body, "CONTENT_LENGTH": length, "webob.is_body_seekable": False}
    return request(**stream)


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "application/*;q=0.1", "not a media type"])
def test_json_is_accepted(accept: str) -> None:
    calls.negotiate(request(HTTP_ACCEPT=accept))


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0, text/*"])
def test_json_is_not_accepted(accept: str) -> None:
    with pytest.raises(NotAcceptable):
        calls.negotiate(request(HTTP_ACCEPT=accept))


@pytest.mark.parametrize("given", ["application/json", "APPLICATION/JSON ; charset=x", "application/json;"])
def test_the_media_type_has_no_case_and_no_parameters(given: str) -> None:
    assert calls.media_type(request(b"{}", CONTENT_TYPE=given), JSON) == "application/json"


def test_without_a_body_no_media_type_is_needed() -> None:
    assert calls.media_type(request(), ("a/b", "application/json")) == "a/b"
    with pytest.raises(UnsupportedMediaType):
        calls.media_type(request(b"{}"), JSON)
    with pytest.raises(UnsupportedMediaType):
        calls.media_type(request(HTTP_TRANSFER_ENCODING="Chunked"), JSON)


def test_a_coding_of_the_body_is_not_read() -> None:
    calls.media_type(request(b"{}", CONTENT_TYPE="application/json", HTTP_CONTENT_ENCODING="Identity"), JSON)
    with pytest.raises(UnsupportedMediaType):
        calls.media_type(request(b"{}", CONTENT_TYPE="application/json", HTTP_CONTENT_ENCODING="gzip"), JSON)


def test_a_body_is_read_up_to_its_limit() -> None:
    assert calls.read_body(request(b"12345"), 5) == b"12345"
    with pytest.raises(BodyTooLarge):
        calls.read_body(request(b"123456"), 5)
    assert calls.json_of(request(), 5) is MISSING
    assert calls.json_of(request(b"null"), 5) is None


def test_a_body_that_is_known_already_has_its_limit_all_the_same() -> None:
    known = request(**{calls.BODY: b"123456"})
    assert calls.read_body(known, 6) == b"123456"
    with pytest.raises(BodyTooLarge):
        calls.read_body(known, 5)


@pytest.mark.parametrize("length", ["6", "9" * 5000])
def test_a_body_that_says_to_be_too_long_is_not_touched(length: str) -> None:
    class Untouchable(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise AssertionError

    with pytest.raises(BodyTooLarge):
        calls.read_body(streamed(Untouchable(), length), 5)


@pytest.mark.parametrize("length", ["", "-1", "x", "1.5", "\xb2"])
def test_what_is_no_length_is_none(length: str) -> None:
    assert calls.read_body(streamed(io.BytesIO(b"12345"), length), 5) == b""


def test_a_chunked_body_is_read_one_byte_beyond_the_limit() -> None:
    stream = io.BytesIO(b"x" * 1000)
    chunked = streamed(stream, "")
    chunked.environ |= {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    del chunked.environ["CONTENT_LENGTH"]
    with pytest.raises(BodyTooLarge):
        calls.read_body(chunked, 5)
    assert stream.tell() == 6
    assert calls.BODY not in chunked.environ, "half a body passes for a whole one"


def test_a_body_that_ends_too_early_is_malformed() -> None:
    with pytest.raises(MalformedBody):
        calls.read_body(streamed(io.BytesIO(b"1"), "3"), 5)


def test_parameters_keep_their_order_and_are_utf_8() -> None:
    found = calls.parameters(request(QUERY_STRING="b=1&a=%C3%A9&b=2&c"))
    assert found == [("b", "1"), ("a", "é"), ("b", "2"), ("c", "")]
    assert calls.parameters(request()) == []
    with pytest.raises(InvalidInput):
        calls.parameters(request(QUERY_STRING="a=%ff"))
