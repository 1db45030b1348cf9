"""The reading list, on each storage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cliquet.testing.app import Client
from readinglist import main


@pytest.fixture
def app(storage_settings: dict[str, Any], serve: Callable[[Any], Client]) -> Client:
    """A reader, on a device."""
    settings = {name: value for name, value in storage_settings.items() if not name.startswith("project_")}
    return serve(main(None, **settings))
