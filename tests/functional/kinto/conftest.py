"""The generic store as an application, on each backend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import kinto
from cliquet.testing.app import Client


@pytest.fixture
def store_settings(sharing_settings: dict[str, Any]) -> dict[str, Any]:
    """Settings of the store; the test runs once on each backend."""
    return {**sharing_settings, "project_name": "kinto"}


@pytest.fixture
def store(store_settings: dict[str, Any], serve: Callable[[Any], Client]) -> Client:
    """The store, used by alice."""
    return serve(kinto.main(None, **store_settings))
