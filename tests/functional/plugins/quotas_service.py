"""The generic store with quotas, and what there is in it, counted one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import kinto
from cliquet.model.model import Model
from cliquet.protocol.query import Query
from cliquet.storage.base import Document, Storage
from cliquet.testing.app import Client
from tests.functional.plugins.history_service import BUCKET, Serve

__all__ = ["counted", "limited", "recounted", "usage"]


def limited(settings: Mapping[str, Any], serve: Serve, **limits: int) -> Client:
    """The store, used by alice, where the limits are those given."""
    given = {f"quotas.{name}": str(value) for name, value in limits.items()}
    plugins = {"project_name": "kinto", "includes": "cliquet.plugins.quotas"}
    return serve(kinto.main(None, **{**settings, **plugins, **given}))


def usage(app: Client, bucket: str = BUCKET) -> dict[str, dict[str, int]]:
    """What the service says to be stored in a bucket and its collections, by their paths."""
    rows = app.get(f"/v1{bucket}/quota").json["data"]
    return {row["uri"]: _numbers(row) for row in rows}


def counted(storage: Storage, bucket: str = BUCKET) -> dict[str, dict[str, int]]:
    """What is stored about that."""
    rows = Model(storage, resource="quota", parent=bucket).walk(Query())
    return {row.data["uri"]: _numbers(row.data) for row in rows}


def recounted(storage: Storage, bucket: str = BUCKET) -> dict[str, dict[str, int]]:
    """The same, counted one by one."""
    found: dict[str, dict[str, int]] = {}
    collections = dict(_records(storage, "collection", bucket, "collections"))
    groups = dict(_records(storage, "group", bucket, "groups"))
    inside = {uri: dict(_records(storage, "record", uri, "records")) for uri in collections}
    for uri, records in inside.items():
        found[uri] = {"record_count": len(records), "storage_size": _size([collections[uri], *records.values()])}
    own = Model(storage, resource="bucket").get(bucket.rpartition("/")[2])
    found[bucket] = {
        "collection_count": len(collections),
        "group_count": len(groups),
        "record_count": sum(map(len, inside.values())),
        "storage_size": _size([own, *groups.values()]) + sum(found[uri]["storage_size"] for uri in collections),
    }
    return found


def _numbers(row: Mapping[str, Any]) -> dict[str, int]:
    return {name: value for name, value in row.items() if name.endswith("_count") or name == "storage_size"}


def _records(storage: Storage, resource: str, parent: str, segment: str) -> Iterator[tuple[str, Document]]:
    for one in Model(storage, resource=resource, parent=parent).walk(Query()):
        yield f"{parent}/{segment}/{one.id}", one


def _size(documents: list[Document]) -> int:
    return sum(len(one.json.encode()) for one in documents)
