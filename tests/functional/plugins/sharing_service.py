"""An application of another shape than the generic store, and what tests say to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pyramid.config import Configurator

from cliquet import ids, resource
from cliquet.testing.app import SETTINGS, Client, make_wsgi_app

__all__ = ["Serve", "backends", "configure", "library", "put", "user"]

Serve = Callable[[Any], Client]


class Shelf(resource.ShareableResource):
    schema = resource.Anything
    id_generator = ids.Slug


class Book(resource.ShareableResource):
    schema = resource.Anything
    id_generator = ids.Slug


class Compartment(resource.ShareableResource):
    schema = resource.Anything
    id_generator = ids.Slug


class OldShelf(resource.ShareableResource):
    schema = resource.Anything
    id_generator = ids.Slug


class Team(resource.GroupResource):
    id_generator = ids.Slug


class Note(resource.UserResource):
    schema = resource.Anything
    id_generator = ids.Slug


def configure(config: Configurator) -> None:
    """Two resources whose lists are called the same and are as deep, and one below them with the same name."""
    config.add_resource(Book, under=Shelf, permissions=("read", "write", "borrow"))
    config.add_resource(
        Shelf, collection_path="/api/shelves", permissions=("read", "write", "book:create", "compartment:create")
    )
    config.add_resource(Compartment, under=Shelf, collection_path="/api/shelves/{shelf_id}/shelves")
    config.add_resource(OldShelf, collection_path="/old/shelves")
    config.add_resource(Team)
    config.add_resource(Note)


def library(settings: Mapping[str, Any], serve: Serve, plugin: str, **more: Any) -> Client:
    """Shelves of books, some of them old, teams, and private notes, used by alice."""
    may_create = {f"{name}_create_principals": "system.Authenticated" for name in ("shelf", "oldshelf", "team")}
    given = {**settings, **may_create, "includes": f"cliquet.plugins.{plugin}", **more}
    return serve(make_wsgi_app(given, resources=[], configure=configure))


def put(app: Client, path: str, data: Any = None, **permissions: list[str]) -> Any:
    """A record, as it is answered; in names of permissions a colon is written as two underscores."""
    body: dict[str, Any] = {"data": data or {}}
    if permissions:
        body["permissions"] = {name.replace("__", ":"): one for name, one in permissions.items()}
    return app.put_json(f"/v1{path}", body).json


def user(app: Client) -> str:
    """Who uses an application."""
    found: str = app.get("/v1/").json["user"]["id"]
    return found


@pytest.fixture(params=["memory", "sqlite", "postgresql", "redis"])
def backends(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Settings of an application on each backend; with Redis, the records are in memory."""
    if request.param in ("memory", "redis"):
        found = dict(SETTINGS)
    else:
        found = dict(request.getfixturevalue(f"{request.param}_settings"))
    url = request.getfixturevalue("redis_url") if request.param == "redis" else found.get("storage_url", "")
    permission = {"permission_backend": f"cliquet.permission.{request.param}", "permission_url": url}
    return {**SETTINGS, **found, **permission, "project_name": "library"}
