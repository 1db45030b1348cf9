"""``/buckets/default``: a bucket of one's own, which is there as soon as it is asked for."""

from __future__ import annotations

import hmac
import secrets
import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import structlog
from pyramid.config import Configurator
from pyramid.events import ApplicationCreated
from pyramid.httpexceptions import HTTPMethodNotAllowed
from pyramid.request import Request, apply_request_extensions
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from cliquet.bootstrap import load_default_settings
from cliquet.database.transaction import Transaction
from cliquet.errors import ConfigurationError, InvalidInput, NotAuthenticated, Problem
from cliquet.model.access import Level
from cliquet.protocol import body
from cliquet.resource.hooks import Draft
from cliquet.resource.viewset import READING
from cliquet.rest import write
from cliquet.rest.call import Call
from cliquet.storage.base import Scope
from cliquet.web import calls, events, subrequests, transactions
from cliquet.web.authentication import user_id
from cliquet.web.components import Components, components

__all__ = ["bucket_id", "check_secret", "includeme"]

_log = structlog.get_logger("kinto")
ALIAS = "default"
_SECRET = "default_bucket_hmac_secret"
#: Headers that say something about this very request, and that its other self inherits.
_INHERITED = ("Content-Type", "If-Match", "If-None-Match", "Response-Behavior")
#: What the log line and the answer of the inner request know.
_TOLD = ("cliquet.alert", "cliquet.errno", "cliquet.resource")


def bucket_id(parts: Components, user: str) -> str:
    """The id of a user's bucket, which nobody can guess from the user's.

    :param user: the prefixed id of the user.
    """
    named, common = parts.declared_settings[_SECRET].encode(), parts.settings.userid_hmac_secret.encode()
    secret = named or hmac.digest(common, b"default_bucket", "sha256")
    return str(uuid.UUID(hmac.digest(secret, user.encode(), "sha256").hex()[:32]))


def default_bucket(request: Request) -> Response:
    """The answer of the user's bucket, after it was created if need be, in the transaction of the request.

    :raises NotAuthenticated: when nobody in particular asks.
    """
    user, parts = user_id(request), components(request.registry)
    if user is None:
        raise NotAuthenticated("anonymous")
    if parts.settings.readonly:
        raise HTTPMethodNotAllowed(headers={"Allow": "OPTIONS"})
    real = bucket_id(parts, user)
    if not _missing(request, real, transactions.current(request)):
        return _answer(request, real, transactions.current(request))

    def work(transaction: Transaction) -> Response:
        for level in _missing(request, real, transaction):
            _create(request, level, transaction)
        return _answer(request, real, transaction)

    return transactions.run(request, work)


def _missing(request: Request, real: str, transaction: Transaction | None) -> list[Level]:
    """The bucket and the collection that the path names, as far as they have to be created."""
    contexts = components(request.registry).contexts
    found = []
    for level in _named(request, real):
        context, record_id = contexts[level.resource], level.uri.rpartition("/")[2]
        model = context.model(_parent(level), transaction=transaction)
        if context.id_generator.match(record_id) and model.find(record_id) is None:
            found.append(level)
    return found


def _named(request: Request, real: str) -> Sequence[Level]:
    """The bucket, and the collection in the path, without what a PUT is going to create."""
    segments = _segments(request)
    levels = [Level("bucket", f"/buckets/{real}")]
    if len(segments) > 1 and segments[0] == "collections":
        levels.append(Level("collection", f"/buckets/{real}/collections/{segments[1]}"))
    puts_last = request.method == "PUT" and len(segments) in (0, 2) and segments[:1] in ([], ["collections"])
    return levels[:-1] if puts_last else levels


def _segments(request: Request) -> list[str]:
    """The path below the bucket."""
    return [segment for segment in request.matchdict["tail"].split("/") if segment]


def _parent(level: Level) -> str:
    """The path of the parent."""
    return level.uri.rpartition("/")[0].rpartition("/")[0]


def _create(request: Request, level: Level, transaction: Transaction) -> None:
    """Create a bucket or a collection, unless somebody else just did; events are sent as for any other."""
    parts = components(request.registry)
    context = parts.contexts[level.resource]
    inner = subrequests.build(request, "PUT", f"/{parts.prefix}{level.uri}", {}, None)
    apply_request_extensions(inner)
    _, _, bucket, *rest = level.uri.split("/")
    inner.matchdict = {"bucket_id": bucket, "id": rest[-1] if rest else bucket}
    resource: Any = context.resource(inner, context)
    resource.transaction, resource.granted = transaction, resource.shared()
    # Everybody has this bucket, whoever may create others.
    resource.granted.decided["bucket:create", ""] = True
    resource.model.lock()
    if resource.model.find(inner.matchdict["id"]) is None:
        data = {**resource.rules.validate({}), "id": inner.matchdict["id"]}
        reply = write.create(resource.model, resource.rules, resource.sharing, Call(data=data))
        events.note(inner, transaction, reply.changes)


def _answer(request: Request, real: str, transaction: Transaction | None) -> Response:
    """The answer to the same request, with the real id in its path."""
    parts = components(request.registry)
    alias = f"/{parts.prefix}/buckets/{ALIAS}"
    path = f"/{parts.prefix}/buckets/{real}{quote(_raw_path(request).removeprefix(alias.encode()))}"
    headers = {name: request.headers[name] for name in _INHERITED if name in request.headers}
    query = request.environ.get("QUERY_STRING", "")
    calls.check_length(request, parts.settings.max_body_bytes)
    content = _with_real_id(request, calls.read_body(request, parts.settings.max_body_bytes), real)
    inner = subrequests.build(request, request.method, f"{path}?{query}" if query else path, headers, content)
    transactions.lend(inner, transaction)
    response, answered = subrequests.follow(request, inner)
    request.environ.update((name, answered.environ[name]) for name in _TOLD if name in answered.environ)
    return response


def _raw_path(request: Request) -> bytes:
    raw: bytes = request.environ["PATH_INFO"].encode("latin-1")
    return raw


def _with_real_id(request: Request, content: bytes, real: str) -> bytes | None:
    """The body, where ``default`` as the id of the bucket is its real id; nothing when there is none."""
    if not content:
        return None
    if request.matchdict["tail"].strip("/") or b'"default"' not in content:
        return content
    try:
        sent = body.decode(content)
    except InvalidInput:
        return content
    data = sent.get("data") if isinstance(sent, dict) else None
    if not isinstance(data, dict) or data.get("id") != ALIAS:
        return content
    return body.encode({**sent, "data": {**data, "id": real}})


def _refuse_alias(draft: Draft) -> dict[str, Any]:
    """No bucket is called as the alias: nobody could reach it."""
    if draft.new["id"] == ALIAS:
        raise InvalidInput(Problem("body", "data.id", "Everybody's own bucket has this name."))
    return draft.new


def _plan(request: Request) -> list[Scope]:
    """What a request in a batch is going to write."""
    user, parts = user_id(request), components(request.registry)
    if user is None or parts.settings.readonly:
        return []
    real = bucket_id(parts, user)
    created = [Scope(level.resource, _parent(level)) for level in _missing(request, real, None)]
    return created if request.method in READING else [*created, _written(request, f"/buckets/{real}")]


def _written(request: Request, bucket: str) -> Scope:
    """The scope of what the path is about."""
    segments = _segments(request)
    if not segments:
        return Scope("bucket", "")
    if len(segments) <= 2:
        return Scope(segments[0].removesuffix("s"), bucket)
    return Scope("record", f"{bucket}/collections/{segments[1]}")


def check_secret(parts: Components) -> None:
    """Whether nobody can guess the ids.

    :raises ConfigurationError: in production, when the secret is not set.
    """
    if parts.declared_settings[_SECRET] or not parts.settings.check_on_start:
        return
    if parts.production:
        raise ConfigurationError(
            f"Setting {_SECRET!r} is missing: in production it has to be a long random text, the same on every server, "
            f"kept secret and never changed. For instance: {secrets.token_hex(32)}"
        )
    _log.warning(f"{_SECRET} is not set: it is made from userid_hmac_secret, for development only.")


def includeme(config: Configurator) -> None:
    """Adds the route, the rule for names, what hello says, and the capability."""
    load_default_settings(config, {_SECRET: ""})
    config.add_subscriber(lambda _: check_secret(components(config.registry)), ApplicationCreated)
    config.add_route("default_bucket", f"/buckets/{ALIAS}{{tail:(?:/.*)?}}")
    config.add_view(default_bucket, route_name="default_bucket", permission=NO_PERMISSION_REQUIRED)
    config.add_record_hook(_refuse_alias, for_resources=("bucket",))
    config.add_user_info("bucket", lambda registry, user: bucket_id(components(registry), user))
    config.add_write_plan("default_bucket", _plan)
    config.add_api_capability(
        "default_bucket",
        "The default bucket is an alias for a personal bucket, in which collections are created when they are named.",
        components(config.registry).settings.project_docs,
    )
