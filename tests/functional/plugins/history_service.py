"""Applications with a history: the generic store, and a library of another shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pyramid.config import Configurator

import kinto
from cliquet import ids, resource
from cliquet.testing.app import Client, make_wsgi_app

__all__ = ["BUCKET", "COLLECTION", "RECORD", "Serve", "batch", "entries", "library", "put", "store", "user"]

Serve = Callable[[Any], Client]
BUCKET = "/buckets/b"
COLLECTION = f"{BUCKET}/collections/c"
RECORD = f"{COLLECTION}/records/r"


class Shelf(resource.ShareableResource):
    schema = resource.Anything
    id_generator = ids.Slug


class Book(resource.ShareableResource):
    schema = resource.Anything
    id_generator = ids.Slug


class Page(resource.ShareableResource):
    schema = resource.Anything
    id_generator = ids.Slug


class Team(resource.GroupResource):
    id_generator = ids.Slug


def store(settings: Mapping[str, Any], serve: Serve, **more: Any) -> Client:
    """The generic store with a history, used by alice; underscores in ``more`` that are doubled stand for dots."""
    plugins = {"project_name": "kinto", "includes": "cliquet.plugins.history"}
    given = {name.replace("__", "."): value for name, value in more.items()}
    return serve(kinto.main(None, **{**settings, **plugins, **given}))


def library(settings: Mapping[str, Any], serve: Serve, **more: Any) -> Client:
    """Shelves of books with pages, and teams, with a history, used by alice."""

    def configure(config: Configurator) -> None:
        config.add_resource(Page, under=Book)
        config.add_resource(Shelf, collection_path="/api/shelves")
        config.add_resource(Book, under=Shelf)
        config.add_resource(Team)

    plugins = {"includes": "cliquet.plugins.history", "shelf_create_principals": "system.Authenticated"}
    given = {name.replace("__", "."): value for name, value in more.items()}
    return serve(make_wsgi_app({**settings, **plugins, **given}, resources=[], configure=configure))


def put(app: Client, path: str, data: Any = None, **permissions: list[str]) -> Any:
    """A record, as it is answered."""
    body: dict[str, Any] = {"data": data or {}}
    if permissions:
        body["permissions"] = {name.replace("__", ":"): one for name, one in permissions.items()}
    return app.put_json(f"/v1{path}", body).json


def batch(app: Client, *parts: tuple[str, str, Any], **options: Any) -> Any:
    """The answer to a batch."""
    requests = [{"method": method, "path": path, "body": {"data": data}} for method, path, data in parts]
    return app.post_json("/v1/batch", {"requests": requests}, **options).json


def entries(app: Client, query: str = "", *, path: str = BUCKET) -> list[dict[str, Any]]:
    """The entries of a history, oldest first."""
    found: list[dict[str, Any]] = app.get(f"/v1{path}/history?_sort=last_modified&{query}").json["data"]
    return found


def user(app: Client) -> str:
    """Who uses an application."""
    found: str = app.get("/v1/").json["user"]["id"]
    return found
