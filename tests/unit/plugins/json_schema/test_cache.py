"""Validators are made once for a schema, and only so many are kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cliquet.plugins.json_schema.cache import Validators
from cliquet.plugins.json_schema.errors import UnfitSchema


def schema(number: int) -> dict[str, Any]:
    return {"properties": {"a": {"maximum": number}}}


def test_the_same_content_has_the_same_validator() -> None:
    validators = Validators()
    assert validators.of(schema(1)) is validators.of(schema(1))
    assert validators.of(schema(1)) is not validators.of(schema(2))


def test_what_was_used_last_is_kept() -> None:
    validators = Validators(max_bytes=2 * Validators().of(schema(1)).memory)
    first, second = validators.of(schema(1)), validators.of(schema(2))
    assert validators.of(schema(1)) is first
    validators.of(schema(3))
    assert validators.of(schema(1)) is first
    assert validators.of(schema(2)) is not second


def test_one_that_is_too_large_to_keep_works() -> None:
    assert Validators(max_bytes=1).of(schema(1)).problems({"a": 2}) != []


def test_an_unfit_schema_is_refused_each_time() -> None:
    validators = Validators()
    for _ in range(2):
        with pytest.raises(UnfitSchema):
            validators.of({"type": "nonsense"})


def test_threads_share_validators() -> None:
    validators = Validators(max_bytes=5 * Validators().of(schema(1)).memory)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda number: validators.of(schema(number % 10)).problems({"a": 20}), range(500)))
    assert all(len(problems) == 1 for problems in found)
