"""Requests inside of a request: built from the outer one, and answered without leaving the process."""

from __future__ import annotations

import io
import re
import string
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, unquote, unquote_to_bytes, urlsplit

from pyramid.httpexceptions import HTTPException, HTTPNotFound
from pyramid.request import Request
from pyramid.response import Response

from cliquet.errors import BackendError, CliquetError, InvalidInput, Problem
from cliquet.protocol import body
from cliquet.web.calls import BODY
from cliquet.web.components import components
from cliquet.web.errors import error_response
from cliquet.web.versioning import missing

__all__ = ["PREPARED", "answer", "build", "follow", "full_path", "inherited", "is_of_its_own"]

#: Where what a batch found out about a request waits for it.
PREPARED = "cliquet.prepared"

#: Headers of the outer request that say nothing about the inner ones.
_OUTER_ONLY = frozenset(
    [
        "HTTP_IF_MATCH",
        "HTTP_IF_NONE_MATCH",
        "HTTP_IF_MODIFIED_SINCE",
        "HTTP_IF_UNMODIFIED_SINCE",
        "HTTP_TRANSFER_ENCODING",
        "HTTP_CONNECTION",
        "HTTP_EXPECT",
        "HTTP_RANGE",
        "HTTP_CONTENT_ENCODING",
        "HTTP_RESPONSE_BEHAVIOR",
    ]
)
#: Headers that only the outer request may have.
_FORBIDDEN = re.compile(
    r"host|forwarded|x-forwarded-.*|content-length|content-encoding|transfer-encoding|connection|expect|upgrade|te"
)
#: Headers that do not change who sends a request.
_NEUTRAL = frozenset({"accept", "content-type", "if-match", "if-none-match", "response-behavior"})
#: What every request has, wherever it comes from.
_PLAIN: Mapping[str, Any] = MappingProxyType(
    {
        "SCRIPT_NAME": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "webob.is_body_seekable": True,
    }
)
_IDENTITY = "cliquet.identity"
_SLASHES = re.compile("//+")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_SHARED = (
    "SCRIPT_NAME",
    "wsgi.url_scheme",
    "SERVER_NAME",
    "SERVER_PORT",
    "REMOTE_ADDR",
    "cliquet.bound_data",
    "cliquet.transaction",
)


def full_path(request: Request, path: str) -> str:
    """A path below the prefix of the service.

    :param path: with the prefix or without; what is not ASCII is percent-encoded.
    """
    path = quote(path, safe=string.punctuation)
    prefix = f"/{components(request.registry).prefix}"
    bare = path.partition("?")[0]
    return path if bare == prefix or bare.startswith(f"{prefix}/") else prefix + path


def inherited(request: Request) -> dict[str, Any]:
    """What the requests inside of a request have of it."""
    _ = request.bound_data
    outer = request.environ
    shared = {name: outer[name] for name in _SHARED if name in outer}
    return shared | {name: outer[name] for name in outer if name.startswith("HTTP_") and name not in _OUTER_ONLY}


def build(
    request: Request,
    method: str,
    path: str,
    headers: Mapping[str, str],
    content: bytes | None,
    common: Mapping[str, Any] | None = None,
) -> Request:
    """A request inside of another one, whose headers it inherits where that makes sense.

    :param path: with the prefix, and with a query string if there is one.
    :param content: the bytes of the body, if there is one.
    :param common: what :func:`inherited` says.
    """
    environ = {**_PLAIN, **(inherited(request) if common is None else common), "REQUEST_METHOD": method}
    bare, _, environ["QUERY_STRING"] = path.partition("?")
    environ["PATH_INFO"] = unquote_to_bytes(bare).decode("latin-1")
    environ |= {_variable(name): _native(value) for name, value in headers.items()}
    if _IDENTITY in request.environ and _NEUTRAL.issuperset(map(str.lower, headers)):
        environ[_IDENTITY] = request.environ[_IDENTITY]
    if content is not None:
        environ.setdefault("CONTENT_TYPE", "application/json")
    environ["CONTENT_LENGTH"] = str(len(content or b""))
    environ["wsgi.input"], environ[BODY] = io.BytesIO(content or b""), content or b""
    inner = Request(environ)
    inner.registry = request.registry
    return inner


def is_of_its_own(inner: Request) -> bool:
    """Whether somebody else sends a request inside of another one, who has to be asked who they are."""
    return _IDENTITY not in inner.environ


def check_headers(where: str, headers: Any) -> None:
    """Whether the headers of a sub-request are such, and its own business.

    :raises InvalidInput: names the header.
    """
    if not isinstance(headers, dict):
        raise InvalidInput(Problem("body", where, "An object of header names and texts is expected."))
    for name, value in headers.items():
        if not isinstance(value, str) or not _TOKEN.fullmatch(name) or not value.replace("\t", "").isprintable():
            raise InvalidInput(Problem("body", f"{where}.{name!r:.60}", "This is no valid header."))
        if _FORBIDDEN.fullmatch(name.lower().replace("_", "-")):
            raise InvalidInput(Problem("body", f"{where}.{name}", f"{name} cannot be set on a part of a batch."))


def answer(request: Request, inner: Request) -> Response:
    """The response to a request inside of another one; errors of the client are responses, too.

    :raises BackendError: when a backend fails.
    """
    try:
        return request.invoke_subrequest(inner, use_tweens=False)
    except BackendError:
        raise
    except HTTPNotFound as error:
        return missing(error, inner)
    except (HTTPException, CliquetError, UnicodeDecodeError) as error:
        return error_response(inner, error)


def follow(request: Request, inner: Request) -> tuple[Response, Request]:
    """The response to a request, and the request it answers: one redirect is followed."""
    response = answer(request, inner)
    if response.status_int not in (301, 302, 307, 308) or not (location := response.headers.get("Location")):
        return response, inner
    target = urlsplit(location)
    if target.netloc and f"{target.scheme}://{target.netloc}" != inner.host_url:
        return response, inner
    path = target.path.removeprefix(inner.environ.get("SCRIPT_NAME", ""))
    path = f"{path}?{target.query}" if target.query else path
    moved = Request.blank(path, environ=_kept(inner), method=inner.method, body=inner.body)
    moved.registry = inner.registry
    return answer(request, moved), moved


def content_of(value: Any) -> bytes:
    """The bytes of a body that is given as JSON."""
    return body.encode(value)


def decoded(path: str) -> str:
    """A path as routes see it, without its query string and superfluous slashes."""
    return _SLASHES.sub("/", unquote(path.partition("?")[0])).rstrip("/")


def _kept(inner: Request) -> dict[str, Any]:
    names = (*_SHARED, "CONTENT_TYPE")
    return {name: value for name, value in inner.environ.items() if name in names or name.startswith("HTTP_")}


def _variable(name: str) -> str:
    variable = name.upper().replace("-", "_")
    return variable if variable == "CONTENT_TYPE" else f"HTTP_{variable}"


def _native(value: str) -> str:
    """A header as WSGI wants it."""
    return value.encode().decode("latin-1")
