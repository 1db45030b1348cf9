"""Colander nodes that records often need."""

from __future__ import annotations

from typing import Any

import colander
import pytest

from cliquet import clock
from cliquet.schema import URL, Boolean, TimeStamp


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("http://example.com", "http://example.com"),
        (" https://example.com/é?q#f ", "https://example.com/é?q#f"),
        ("http://localhost:8000/", "http://localhost:8000/"),
        ("http://a.example/" + "x" * 2031, "http://a.example/" + "x" * 2031),
    ],
)
def test_an_address_is_kept_without_blanks(sent: str, kept: str) -> None:
    assert URL().deserialize(sent) == kept


@pytest.mark.parametrize(
    "sent", ["", "  ", "example", "a b", "http://a.example/" + "x" * 2032, 5, ["http://a.example"]]
)
def test_what_is_no_address_is_refused(sent: Any) -> None:
    with pytest.raises(colander.Invalid):
        URL().deserialize(sent)


def test_an_address_takes_no_time_that_explodes() -> None:
    for text in ("http://" + "a." * 5000, "http://" + "(" * 5000, "a" * 100_000, "http://a.example/" + "((x)" * 5000):
        with pytest.raises(colander.Invalid):
            URL().deserialize(text + " ")


def test_an_absent_address_may_have_a_default() -> None:
    assert URL(missing=None).deserialize(colander.null) is None
    assert URL(missing=None).deserialize("") is None


def test_a_time_that_is_absent_is_now_and_null_is_null() -> None:
    before = clock.now()
    assert before <= TimeStamp().deserialize() <= clock.now()
    assert TimeStamp().deserialize(None) is None
    assert TimeStamp(auto_now=False).deserialize() is None
    assert TimeStamp(auto_now=False, missing=0).deserialize() == 0


@pytest.mark.parametrize(("sent", "kept"), [(12, 12), ("12", 12), (12.9, 12), (-1, -1), (0, 0)])
def test_a_time_is_an_integer(sent: Any, kept: int) -> None:
    assert TimeStamp().deserialize(sent) == kept


@pytest.mark.parametrize("sent", [True, False, "soon", {"a": 1}, [1], [], {}, "12.5"])
def test_what_is_no_time_is_refused(sent: Any) -> None:
    with pytest.raises(colander.Invalid):
        TimeStamp().deserialize(sent)


@pytest.mark.parametrize(
    ("sent", "kept"), [(True, True), (False, False), ("TRUE", True), ("0", False), (1, True), (0, False)]
)
def test_a_boolean_is_true_or_false(sent: Any, kept: bool) -> None:
    assert colander.SchemaNode(Boolean()).deserialize(sent) is kept


@pytest.mark.parametrize("sent", ["no", "yes", "", 2, -1, 1.0, [], {}, ["true"]])
def test_what_is_neither_is_refused(sent: Any) -> None:
    with pytest.raises(colander.Invalid):
        colander.SchemaNode(Boolean()).deserialize(sent)


def test_an_absent_boolean_has_its_default() -> None:
    assert colander.SchemaNode(Boolean(), missing=True).deserialize(None) is True
