"""Every public method of both clients works, or is refused in words, once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path

import kinto_http
import pytest

from tests.compatibility.kinto_http.given import Given, Watched
from tests.compatibility.kinto_http.methods_of_containers import CONTAINERS
from tests.compatibility.kinto_http.methods_of_records import RECORDS
from tests.compatibility.kinto_http.methods_of_servers import SERVERS
from tests.compatibility.server import PASSWORD, Kinto

STYLES = {"sync": kinto_http.Client, "async": kinto_http.AsyncClient}
USES: dict[str, Callable[[Given], None]] = {use.__name__: use for use in (*CONTAINERS, *RECORDS, *SERVERS)}


def public_methods(style: str) -> list[str]:
    """The methods that the client shows to its users."""
    found = inspect.getmembers(STYLES[style], inspect.isfunction)
    return [name for name, _ in found if not name.startswith("_")]


METHODS = [(style, method) for style in STYLES for method in public_methods(style)]


@pytest.fixture
def given(request: pytest.FixtureRequest, kinto: Kinto, bucket: str, tmp_path: Path) -> Given:
    """Where a use of a method starts."""
    client = STYLES[request.getfixturevalue("style")]
    made = client(server_url=kinto.url, auth=("alice", PASSWORD), bucket=bucket, collection="notes")
    prepared = Watched(made)
    prepared.create_bucket()
    prepared.create_collection()
    return Given(Watched(made), kinto, bucket, tmp_path)


@pytest.mark.parametrize(("style", "method"), METHODS)
def test_the_public_method_is_used(style: str, method: str, given: Given) -> None:
    assert method in USES, f"no test covers {method} of the {style} client"
    USES[method](given)
    assert method in given.client.called, f"the test of {method} does not call it"


def test_every_use_is_of_a_public_method() -> None:
    assert set(USES) == set(public_methods("sync")) == set(public_methods("async"))
