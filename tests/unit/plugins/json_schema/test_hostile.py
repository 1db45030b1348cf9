"""No schema, and no record, keeps a server busy for long or makes it take much memory."""

from __future__ import annotations

import contextlib
import resource
import time

import pytest

from cliquet.plugins.json_schema.errors import UnfitSchema
from cliquet.plugins.json_schema.validator import Validator
from tests.unit.plugins.json_schema.hostile import HOSTILE

#: A second is what is meant; machines that run tests are slow.
SECONDS = 5
#: Kilobytes that a process may grow by.
KILOBYTES = 400_000


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_answered_or_refused_soon(name: str) -> None:
    schema, record = HOSTILE[name]
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    with contextlib.suppress(UnfitSchema):
        Validator(schema, formats=True).problems(record)
    assert time.perf_counter() - started < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < KILOBYTES


REFUSED_AS_SCHEMA = [name for name in HOSTILE if "levels" in name or "to itself" in name or "looks" in name]


@pytest.mark.parametrize("name", REFUSED_AS_SCHEMA)
def test_what_can_be_told_from_the_schema_alone_is_refused_with_it(name: str) -> None:
    with pytest.raises(UnfitSchema):
        Validator(HOSTILE[name][0])
