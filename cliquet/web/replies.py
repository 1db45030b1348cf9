"""Turns the reply of a verb into a response."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from pyramid.request import Request
from pyramid.response import Response

from cliquet.protocol import body
from cliquet.protocol.etag import etag, http_date
from cliquet.rest.call import Reply
from cliquet.storage.base import Document
from cliquet.storage.documents import Documents
from cliquet.web.authentication import identify
from cliquet.web.components import components

__all__ = ["Written", "as_json", "respond"]

_JSON = ("Content-Type", "application/json")
#: What reads say to caches: never keep this.
_NOT_KEPT = ("Cache-Control", "no-cache, no-store")

#: What says where a request went.
_PLACE = ("wsgi.url_scheme", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "SCRIPT_NAME", "PATH_INFO")
#: The same lists are read again and again.
_LAST = 512

#: Query strings in which nothing is written in another way than it is meant.
_SIMPLE = re.compile(r"[A-Za-z0-9_.~=&-]*").fullmatch


class Written(Response):  # type: ignore[misc]  # pyramid is untyped
    """A response whose body is JSON that was written here, or empty."""


def as_json(content: Mapping[str, Any]) -> Response:
    """The response with some JSON.

    >>> as_json({"a": 1}).body
    b'{"a":1}'
    """
    raw = body.encode(content)
    return Written(status=200, headerlist=[_JSON, ("Content-Length", str(len(raw)))], app_iter=[raw])


def respond(request: Request, reply: Reply, *, bound: bytes = b"", lifetime: int | None = None) -> Response:
    """The response of a reply.

    :param bound: what a page token is good for.
    :param lifetime: how long anybody may keep the answer to an anonymous reader, in seconds; ``None`` is not at all.
    """
    headers = [_JSON]
    if reply.timestamp is not None:
        headers += [("ETag", etag(reply.timestamp)), ("Last-Modified", http_date(reply.timestamp))]
    if request.method in ("GET", "HEAD"):
        headers += _caching(request, lifetime)
    if reply.total is not None:
        headers += [("Total-Records", str(reply.total)), ("Total-Objects", str(reply.total))]
    if reply.after is not None:
        headers.append(("Next-Page", _next_page(request, reply, bound)))
    content = _content(reply).encode()
    headers.append(("Content-Length", str(len(content))))
    return Written(status=201 if reply.created else 200, headerlist=headers, app_iter=[content])


def _caching(request: Request, lifetime: int | None) -> list[tuple[str, str]]:
    """How long the answer may be kept: what one user reads, not at all."""
    if lifetime is None or identify(request) is not None:
        return [_NOT_KEPT]
    if lifetime == 0:
        return [("Cache-Control", "max-age=0, must-revalidate, no-cache, no-store"), ("Pragma", "no-cache")]
    expires = components(request.registry).clock() + 1000 * lifetime
    return [("Cache-Control", f"max-age={lifetime}"), ("Expires", http_date(expires))]


def _content(reply: Reply) -> str:
    if reply.data is None:
        return ""
    if isinstance(reply.data, Documents):
        return '{"data":[' + ",".join(reply.data.texts) + "]}"
    if isinstance(reply.data, Sequence):
        if not any(issubclass(kind, Document) for kind in set(map(type, reply.data))):
            return body.encode({"data": reply.data}).decode()
        return '{"data":[' + ",".join([_text(one) for one in reply.data]) + "]}"
    shown = "" if reply.permissions is None else '"permissions":' + _text(reply.permissions) + ","
    return "{" + shown + '"data":' + _text(reply.data) + "}"


def _text(record: Document | Mapping[str, Any]) -> str:
    return record.json if isinstance(record, Document) else body.encode(record).decode()


def _next_page(request: Request, reply: Reply, bound: bytes) -> str:
    """The URL of the page after this one."""
    assert reply.after is not None
    token = components(request.registry).tokens.make(reply.after, bound)
    return f"{_here(*map(request.environ.get, _PLACE))}?{_others(request)}_token={token}"


@lru_cache(_LAST)
def _here(*place: str | None) -> str:
    """The URL of a request without its query string, which webob takes long to make."""
    here: str = Request({name: value for name, value in zip(_PLACE, place, strict=True) if value is not None}).path_url
    return here


def _others(request: Request) -> str:
    """The query string without tokens, as it came where that is simple to see."""
    asked: str = request.environ.get("QUERY_STRING", "")
    if not _SIMPLE(asked) or "_token" in asked:
        asked = urlencode([(name, text) for name, text in request.GET.items() if name != "_token"])
    return f"{asked}&" if asked else ""
