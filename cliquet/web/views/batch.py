"""``/batch``: several requests in one, in one transaction (``docs/protocol/batch``)."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPException
from pyramid.request import Request
from pyramid.response import Response

from cliquet.database.transaction import Transaction
from cliquet.errors import ERRORS, CliquetError, InvalidInput, Problem
from cliquet.model.foresight import Outlook, look
from cliquet.protocol import body
from cliquet.storage.base import Scope
from cliquet.web import calls, subrequests, summary, transactions
from cliquet.web.authentication import identify
from cliquet.web.components import components
from cliquet.web.errors import json_body
from cliquet.web.execution import extend
from cliquet.web.replies import Written
from cliquet.web.routes import foreseen
from cliquet.web.service import declare

__all__ = ["batch", "includeme"]

_METHODS = frozenset({"GET", "HEAD", "DELETE", "TRACE", "POST", "PUT", "PATCH"})
_READING = frozenset({"GET", "HEAD", "TRACE"})
_MEMBERS = frozenset({"method", "path", "headers", "body"})
_NO_PATH = re.compile(r"[\x00-\x20\x7f#]")


class Part(NamedTuple):
    """One of the requests."""

    method: str
    path: str
    headers: dict[str, str]
    content: bytes | None


class Inner(NamedTuple):
    """One of the requests as it will be sent.

    :param route: the one that it takes; empty when there is none.
    :param own: whether it says itself who sends it.
    """

    request: Request
    route: str
    own: bool = False

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.request.method in _READING


def batch(request: Request) -> Response:
    """The answers to all requests, in order; they are kept together, or not at all when a backend fails."""
    calls.negotiate(request)
    identify(request)
    parts, atomic = _read(request)
    summary.bind(request, batch_size=len(parts))
    return transactions.run(request, lambda transaction: _in(transaction, request, parts, atomic=atomic))


def _in(transaction: Transaction, request: Request, parts: list[Part], *, atomic: bool) -> Response:
    """All requests in one transaction, whose locks are taken first, in one order for everybody."""
    transactions.lend(request, transaction)
    try:
        inherited = subrequests.inherited(request)
        inner = [_inner(request, part, inherited) for part in parts]
        _prepare(request, transaction, inner)
        entries = []
        for part, one in zip(parts, inner, strict=True):
            # Who sends a part that says so itself may only be known after the parts before it.
            sent = _inner(request, part, inherited).request if one.own else one.request
            with transaction.savepoint() as savepoint:
                response, answered = _respond(request, sent)
                if response.status_int >= 500:
                    return response
                if response.status_int >= 400:
                    savepoint.undo()
            entries.append(_entry(response, answered))
    finally:
        transactions.lend(request, None)
    return _answer(request, entries, atomic=atomic)


def _prepare(request: Request, transaction: Transaction, inner: Sequence[Inner]) -> None:
    """Ask for all that the requests are going to ask, and take their locks."""
    parts = components(request.registry)
    known: dict[int, Outlook | None] = {}
    if parts.foresees and parts.storage is not None and parts.permission is not None:
        known = {
            number: parts.outlooks[one.route](one.request, transaction)
            for number, one in enumerate(inner)
            if one.route in parts.outlooks
        }
        look(parts.storage, parts.permission, transaction, *(one for one in known.values() if one is not None))
    named = (_scopes(parts, one, known.get(number)) for number, one in enumerate(inner))
    scopes = {scope for some in named for scope in some if not _is_journal(parts, scope)}
    if scopes and parts.storage is not None:
        parts.storage.lock(scopes, transaction=transaction)


def _respond(request: Request, inner: Request) -> tuple[Response, Request]:
    started = time.perf_counter()
    response, inner = subrequests.follow(request, inner)
    summary.tell("subrequest.summary", inner, response, started)
    route = getattr(inner, "matched_route", None)
    if route is not None:
        components(request.registry).metrics.count(f"view.{route.name}.{inner.method}")
    return response, inner


def _inner(request: Request, part: Part, inherited: dict[str, Any]) -> Inner:
    """A request, and where it will go as far as its path tells."""
    inner = subrequests.build(request, part.method, part.path, part.headers, part.content, inherited)
    own = subrequests.is_of_its_own(inner)
    try:
        found = foreseen(inner)
    except (HTTPException, UnicodeDecodeError):
        return Inner(inner, "", own)
    extend(inner)
    inner.matchdict = found["match"]
    return Inner(inner, found["route"].name if found["route"] else "", own)


def _scopes(parts: Any, inner: Inner, outlook: Outlook | None) -> Sequence[Scope]:
    """Where a request will write, as far as its path tells."""
    if outlook is not None and inner.route not in parts.plans:
        return outlook.scopes
    try:
        if inner.route in parts.plans:
            planned: Sequence[Scope] = parts.plans[inner.route](inner.request)
            return planned
        written = inner.route in parts.resources and not inner.reads
        return [parts.resources[inner.route].scope(inner.request)] if written else []
    except (CliquetError, HTTPException, UnicodeDecodeError):
        return []


def _is_journal(parts: Any, scope: Scope) -> bool:
    """Whether others lock a scope after all that they write."""
    kind = parts.tree.kinds.get(scope.resource)
    return kind is not None and kind.journal


def _entry(response: Response, inner: Request) -> dict[str, Any]:
    return {
        "path": inner.environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"),
        "status": response.status_int,
        "headers": dict(response.headerlist),
        "body": "" if inner.method == "HEAD" else _content(response),
    }


def _content(response: Response) -> Any:
    content = response.body
    if not content:
        return ""
    if isinstance(response, Written):
        return body.written(content)
    is_json = response.content_type == "application/json"
    return body.decode(content, depth=body.STORED_DEPTH) if is_json else content.decode("utf-8", "replace")


def _answer(request: Request, entries: list[dict[str, Any]], *, atomic: bool) -> Response:
    failed = [entry for entry in entries if entry["status"] >= 400]
    if not atomic or not failed:
        return _json(200, {"responses": entries})
    message = "A request of the atomic batch failed: nothing was changed."
    content = json_body(409, ERRORS.CONSTRAINT_VIOLATED, message=message)
    response = _json(409, {**content, "responses": entries})
    response.headers["Retry-After"] = str(components(request.registry).settings.retry_after_seconds)
    return response


def _json(status: int, content: Any) -> Response:
    return Response(status=status, body=body.encode(content), content_type="application/json")


def _read(request: Request) -> tuple[list[Part], bool]:
    """The requests, and whether all of them have to succeed.

    :raises InvalidInput: names what is wrong.
    """
    settings = components(request.registry).settings
    calls.media_type(request, ("application/json",))
    content = calls.json_of(request, settings.batch_max_body_bytes)
    _check_object("", content, frozenset({"defaults", "requests", "atomic"}))
    defaults, requests, atomic = content.get("defaults", {}), content.get("requests"), content.get("atomic", False)
    _check_object("defaults", defaults, _MEMBERS)
    if not isinstance(requests, list):
        _refuse("requests", "An array of requests is required.")
    if not isinstance(atomic, bool):
        _refuse("atomic", "true or false is expected.")
    most = settings.batch_max_requests
    if most is not None and len(requests) > most:
        _refuse("requests", f"Number of requests is limited to {most}")
    here = subrequests.decoded(request.path_info)
    return [_part(request, here, f"requests.{index}", one, defaults) for index, one in enumerate(requests)], atomic


def _part(request: Request, here: str, where: str, one: Any, defaults: dict[str, Any]) -> Part:
    _check_object(where, one, _MEMBERS)
    merged = _merged(one, defaults)
    method, path, headers = merged.get("method", "GET"), merged.get("path"), merged.get("headers", {})
    if not isinstance(method, str) or method not in _METHODS:
        _refuse(f"{where}.method", f"One of {', '.join(sorted(_METHODS))} is expected.")
    if not isinstance(path, str) or not path.startswith("/") or _NO_PATH.search(path):
        _refuse(f"{where}.path", "A path that starts with / is required.")
    full = subrequests.full_path(request, path)
    if subrequests.decoded(full) == here:
        _refuse(f"{where}.path", "Recursive call on /batch endpoint is forbidden.")
    subrequests.check_headers(f"{where}.headers", headers)
    content = subrequests.content_of(merged["body"]) if "body" in merged else None
    return Part(method, full, headers, content)


def _merged(one: Any, defaults: Any) -> Any:
    """The defaults where nothing else is said, member by member."""
    if not isinstance(one, dict) or not isinstance(defaults, dict):
        return one
    merged = {**defaults, **one}
    return merged | {name: _merged(one[name], defaults[name]) for name in one if name in defaults}


def _check_object(where: str, content: Any, members: frozenset[str]) -> None:
    if not isinstance(content, dict):
        _refuse(where, "An object is expected.")
    unknown = sorted(set(content) - members)
    if unknown:
        _refuse(f"{where}.{unknown[0]}".lstrip("."), f"Unknown member; {', '.join(sorted(members))} are known.")


def _refuse(name: str, description: str) -> Any:
    raise InvalidInput(Problem("body", name or None, description))


def includeme(config: Configurator) -> None:
    """Declares the endpoint."""
    declare(config, "batch", "/batch", {"POST": batch}, description="Several requests in one")
