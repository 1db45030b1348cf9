"""The small application of the tests: on each storage, or in memory where the storage does not matter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cliquet.testing.app import Client, make_app, make_wsgi_app

ServeWSGI = Callable[[Any], Client]


@pytest.fixture
def app(storage_settings: dict[str, Any], serve: ServeWSGI) -> Client:
    """The small application, once on each storage."""
    return serve(make_wsgi_app(storage_settings))


@pytest.fixture
def memory() -> Client:
    """The small application in memory."""
    return make_app()
