"""What all tests may use: real servers, started when first asked for, and applications on each storage."""

from __future__ import annotations

import gc

import pytest

# Nearly all that tests make lives until their module ends: to look for garbage often costs time, and finds little.
gc.set_threshold(50_000, 20, 100)

pytest_plugins = ["cliquet.testing.plugin", "cliquet.testing.storages"]


@pytest.fixture(autouse=True, scope="module")
def _unwatched_past() -> None:
    """What earlier modules left behind is not looked through again by every collection of garbage.

    Thousands of applications stay alive in a run of all tests, and some tests collect garbage on purpose.
    """
    gc.freeze()
