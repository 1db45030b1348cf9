"""Describes the service in OpenAPI 3.1, from its services, resources and schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cliquet.protocol import patch
from cliquet.web.components import Components

__all__ = ["document"]

_ERROR = {"$ref": "#/components/schemas/Error"}
_TIMESTAMPED = {
    "ETag": {"schema": {"type": "string"}, "description": "The timestamp in ms, in double quotes."},
    "Last-Modified": {"schema": {"type": "string"}},
}
_NAMES = {
    ("collection", "GET"): "get_{name}s",
    ("collection", "HEAD"): "count_{name}s",
    ("collection", "POST"): "create_{name}",
    ("collection", "DELETE"): "delete_{name}s",
    ("record", "GET"): "get_{name}",
    ("record", "PUT"): "update_{name}",
    ("record", "PATCH"): "patch_{name}",
    ("record", "DELETE"): "delete_{name}",
}
_LISTED = ("_since", "_before", "_sort", "_limit", "_token", "_fields")


def document(parts: Components, services: Any, base: str) -> dict[str, Any]:
    """The OpenAPI document.

    :param services: what Cornice knows, by path.
    :param base: where the service is, without the path.
    """
    resources = {context.name: context for context in parts.resources.values()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": parts.settings.project_name or "cliquet",
            "version": parts.http_api_version,
        },
        "servers": [{"url": f"{base}/{parts.prefix}"}],
        "paths": dict(_paths(parts, services)),
        "components": {
            "schemas": {
                "Error": _error(),
                **{name: context.validator.json_schema() for name, context in resources.items()},
            },
            "securitySchemes": {name: {"type": "http", "scheme": "basic"} for name in parts.policies},
        },
    }


def _paths(parts: Components, services: Any) -> Iterator[tuple[str, Any]]:
    for service in services:
        path = re.sub(r"\{(\w+):[^{}]*\}", r"{\1}", service.path)
        item: dict[str, Any] = {}
        if names := re.findall(r"\{(\w+)\}", path):
            item["parameters"] = [_path_parameter(name) for name in names]
        context = parts.resources.get(service.name)
        for method in service.defined_methods:
            known = context is not None and (service.type, method) in _NAMES
            item[method.lower()] = _on_resource(context, service.type, method) if known else _plain(service, method)
        yield path, item


def _plain(service: Any, method: str) -> dict[str, Any]:
    suffix = "" if method == "GET" else f"_{method.lower()}"
    return {
        "operationId": f"{service.name}{suffix}",
        "summary": service.description or service.name,
        "responses": {"200": {"description": "Success"}, "default": _default()},
    }


def _on_resource(context: Any, endpoint: str, method: str) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _NAMES[endpoint, method].format(name=context.name),
        "tags": [context.name],
        "security": [{name: []} for name in context.parts.policies],
        "responses": _responses(context.name, endpoint, method),
    }
    operation["parameters"] = [*_headers(), *(_query() if endpoint == "collection" and method != "POST" else ())]
    if method in ("POST", "PUT", "PATCH"):
        operation["requestBody"] = {"required": method == "PATCH", "content": _bodies(context.name, method)}
    return operation


def _responses(name: str, endpoint: str, method: str) -> dict[str, Any]:
    one: dict[str, Any] = {"$ref": f"#/components/schemas/{name}"}
    listed = endpoint == "collection" and method != "POST"
    data = {"type": "array", "items": {"type": "object"}} if listed else one
    content = {"application/json": {"schema": {"type": "object", "properties": {"data": data}}}}
    success = {"description": "Success", "headers": _TIMESTAMPED}
    if method != "HEAD":
        success["content"] = content
    codes = {"GET": ("200",), "POST": ("200", "201"), "PUT": ("200", "201")}.get(method, ("200",))
    found: dict[str, Any] = dict.fromkeys(codes, success)
    if method in ("GET", "HEAD"):
        found["304"] = {"description": "Not Modified"}
    return {**found, "default": _default()}


def _bodies(name: str, method: str) -> dict[str, Any]:
    record = {"$ref": f"#/components/schemas/{name}"}
    whole = {"schema": {"type": "object", "properties": {"data": record}, "additionalProperties": False}}
    if method != "PATCH":
        return {patch.JSON: whole}
    partial = {"schema": {"type": "object", "properties": {"data": {"type": "object"}}, "required": ["data"]}}
    operations = {"schema": {"type": "array", "items": {"type": "object"}}}
    return {patch.JSON: partial, patch.MERGE_PATCH: partial, patch.JSON_PATCH: operations}


def _headers() -> Iterator[dict[str, Any]]:
    for name in ("If-Match", "If-None-Match"):
        yield {"name": name, "in": "header", "schema": {"type": "string"}}


def _query() -> Iterator[dict[str, Any]]:
    for name in _LISTED:
        yield {"name": name, "in": "query", "schema": {"type": "string"}}


def _path_parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _default() -> dict[str, Any]:
    return {"description": "An error", "content": {"application/json": {"schema": _ERROR}}}


def _error() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["code", "errno", "error"],
        "properties": {
            "code": {"type": "integer"},
            "errno": {"type": "integer"},
            "error": {"type": "string"},
            "message": {"type": "string"},
            "info": {"type": "string"},
            "details": {},
        },
    }
