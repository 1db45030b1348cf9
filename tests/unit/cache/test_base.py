"""The rules that all caches share."""

from __future__ import annotations

from typing import Any

import pytest

from cliquet.cache.base import Cache, decode, encode, milliseconds, namespace, stored_key
from cliquet.errors import BackendError


def test_a_backend_without_a_method_cannot_be_made() -> None:
    class Incomplete(Cache):
        pass

    with pytest.raises(TypeError, match="take"):
        Incomplete()  # type: ignore[abstract]  # that is the point


@pytest.mark.parametrize("value", [object(), {1: object()}, "\ud800", lambda: None])
def test_what_is_not_json_is_a_type_error(value: Any) -> None:
    with pytest.raises(TypeError):
        encode(value)


def test_what_somebody_else_wrote_is_an_error_of_the_backend() -> None:
    with pytest.raises(BackendError):
        decode(b"not json")


@pytest.mark.parametrize(("seconds", "expected"), [(1, 1000), (0.25, 250), (0.0001, 1), (1e300, 2**53)])
def test_a_ttl_is_rounded_up_to_milliseconds(seconds: float, expected: int) -> None:
    assert milliseconds(seconds) == expected


def test_no_namespace_begins_another() -> None:
    spaces = [namespace(prefix) for prefix in ("", "a", "ab", "a:", "a:b", "A", "%", "*", "é", "_")]
    assert not [(one, two) for one in spaces for two in spaces if one != two and one.startswith(two)]


def test_stored_keys_are_short_and_printable() -> None:
    for key in ("", "a" * 100_000, "nul\x00", "\ud800", "line\n", "😀" * 100):
        stored = stored_key("cache::", key)
        assert stored.isprintable()
        assert len(stored.encode()) <= 210


def test_a_plain_key_cannot_imitate_a_hashed_one() -> None:
    hashed = stored_key("", "a" * 1000)
    assert stored_key("", hashed) != hashed
