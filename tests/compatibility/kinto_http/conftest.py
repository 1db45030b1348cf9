"""Clients of kinto-http, logged in, each with a bucket of its own."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import kinto_http
import pytest

from tests.compatibility.kinto_http.kinds import KINDS, Object
from tests.compatibility.server import PASSWORD, Kinto

pytest.register_assert_rewrite(
    *(f"tests.compatibility.kinto_http.methods_of_{which}" for which in ("containers", "records", "servers"))
)

#: A client for a user; options are those of ``kinto_http.Client``.
As = Callable[..., Any]


@pytest.fixture
def bucket() -> str:
    """The id of a bucket that does not exist yet."""
    return f"b{uuid.uuid4().hex[:12]}"


@pytest.fixture
def as_user(kinto: Kinto, bucket: str) -> As:
    """Make a client for a user, on the bucket of the test and its collection ``notes``."""

    def client(user: str, **options: Any) -> Any:
        found = {"server_url": kinto.url, "auth": (user, PASSWORD), "bucket": bucket, "collection": "notes"}
        return kinto_http.Client(**{**found, **options})

    return client


@pytest.fixture
def alice(as_user: As) -> Any:
    """Alice's client; her bucket and her collection exist."""
    client = as_user("alice")
    client.create_bucket()
    client.create_collection()
    return client


@pytest.fixture
def bob(as_user: As) -> Any:
    """Bob's client, on the bucket of Alice."""
    return as_user("bob")


@pytest.fixture
def anonymous(as_user: As) -> Any:
    """The client of nobody, on the bucket of Alice."""
    return as_user("", auth=None)


@pytest.fixture(params=KINDS)
def thing(request: pytest.FixtureRequest, alice: Any, bucket: str) -> Object:
    """An object of each kind in turn, that Alice may create; it does not exist yet."""
    kind: str = request.param
    return Object(kind, alice, f"{bucket}-{kind}" if kind == "bucket" else f"one-{kind}")
