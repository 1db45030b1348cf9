"""Tests of how a timestamp is written in headers."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from hypothesis import given
from hypothesis import strategies as st

from cliquet.protocol import preconditions
from cliquet.protocol.etag import etag, http_date

#: Up to the year 9999.
TIMES = st.integers(0, 253_402_300_799_999)


@given(TIMES)
def test_a_tag_is_read_back_from_the_headers_of_a_client(timestamp: int) -> None:
    assert preconditions.parse(etag(timestamp), None).if_match == timestamp
    assert preconditions.parse(None, etag(timestamp)).known == timestamp


@given(TIMES)
def test_a_date_is_the_time_cut_to_the_second(timestamp: int) -> None:
    assert parsedate_to_datetime(http_date(timestamp)).timestamp() == timestamp // 1000


def test_a_date_is_written_as_http_wants_it() -> None:
    assert http_date(1_795_224_588_093) == "Sat, 21 Nov 2026 01:29:48 GMT"


def test_a_tag_is_strong_and_in_quotes() -> None:
    assert etag(0) == '"0"'
