"""A page of ``/permissions`` costs so many statements, however many ACEs and records there are."""

from __future__ import annotations

from typing import Any

import pytest

import kinto
from cliquet.testing.app import Client
from tests.functional.plugins.sharing_service import Serve, put, user

#: Settings, query, statements.
COSTS: Any = (
    ({}, "", 1),
    ({}, "_limit=2", 1),
    ({}, "_limit=2&_sort=uri", 1),
    ({}, "_limit=2&_sort=id", 1),
    ({}, "_limit=2&exclude_resource_name=record", 1),
    ({}, "resource_name=root", 0),
    ({}, "resource_name=nothing", 0),
    # one more for each resource that a setting is about
    ({"bucket_read_principals": "system.Authenticated"}, "_limit=2", 2),
    ({"bucket_read_principals": "system.Authenticated"}, "_limit=2&resource_name=record", 1),
    (
        {"bucket_read_principals": "system.Authenticated", "record_create_principals": "system.Authenticated"},
        "_limit=2",
        3,
    ),
    # one more for the groups, where a setting names one
    (
        {"group_read_principals": "/buckets/b0/groups/g", "bucket_read_principals": "/buckets/b0/groups/g"},
        "_limit=2",
        4,
    ),
)


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.getfixturevalue(f"{request.param}_settings")
    permission = {"permission_backend": f"cliquet.permission.{request.param}", "permission_url": found["storage_url"]}
    return {**found, **permission, "project_name": "kinto", "includes": "cliquet.plugins.permissions_endpoint"}


def counted(app: Client, url: str) -> int:
    """The statements of a request."""
    sent: list[str] = []
    storage: Any = app.storage
    storage.database.observe = sent.append
    app.get(url)
    storage.database.observe = lambda text: None
    return len(sent)


@pytest.mark.parametrize(("more", "query", "statements"), COSTS)
@pytest.mark.parametrize("many", [3, 12])
def test_a_page_costs_so_many_statements(
    settings: dict[str, Any], serve: Serve, more: dict[str, str], query: str, statements: int, many: int
) -> None:
    app = serve(kinto.main(None, **{**settings, **more}))
    for number in range(many):
        put(app, f"/buckets/b{number}")
        put(app, f"/buckets/b{number}/collections/c")
        put(app, f"/buckets/b{number}/collections/c/records/r")
    put(app, "/buckets/b0/groups/g", {"members": [user(app)]})
    assert counted(app, f"/v1/permissions?{query}") == statements
    following = app.get(f"/v1/permissions?{query}").headers.get("Next-Page")
    if following:
        assert counted(app, following.removeprefix("http://localhost")) == statements
