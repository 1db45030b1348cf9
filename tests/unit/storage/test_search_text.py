"""What is searched in beside the body of a record: the same JSON, whose numbers databases compare exactly."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliquet.storage.base import Scope
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql.compile import searchable
from cliquet.storage.sql.effects import Effects
from cliquet.storage.values import Document
from tests.unit.protocol.strategies import JSON


def search_text(fields: dict[str, Any]) -> tuple[Document, str]:
    """A record, and what is searched in."""
    document = Document.make("x", 12, fields)
    row = Effects(PostgreSQLDialect()).put(Scope("note", "ann"), document).row
    return document, row[4]


@given(st.fixed_dictionaries({"field": JSON}))
def test_whole_numbers_are_integers_in_what_is_searched(fields: dict[str, Any]) -> None:
    document, text = search_text(fields)
    found, expected = json.loads(text), searchable(document.data)
    assert found == expected
    assert json.dumps(found) == json.dumps(expected)


@pytest.mark.parametrize(
    "value", ["2026-11-30T11:50:32.975+00:00", "6f1e5a3e-1e-4", "1.5", ["v1.2"], {"at": "10:50:32.9"}, 12, [1, -2]]
)
def test_what_has_no_fraction_is_searched_as_it_is(value: Any) -> None:
    document, text = search_text({"field": value})
    assert text is document.json
