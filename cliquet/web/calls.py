"""Reads a request, once, into a call."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from pyramid.request import Request
from webob.request import DisconnectionError

from cliquet.errors import BodyTooLarge, InvalidInput, MalformedBody, NotAcceptable, Problem, UnsupportedMediaType
from cliquet.ids import Generator
from cliquet.protocol import body, page, patch, permissions, preconditions, querystring, values
from cliquet.protocol.fields import Fields
from cliquet.protocol.order import MISSING
from cliquet.protocol.query import Query
from cliquet.protocol.timestamps import DAY, supplied
from cliquet.rest.call import Call
from cliquet.schema.validator import Validator
from cliquet.web.components import Components
from cliquet.web.errors import send_alert

__all__ = ["BODY", "Reader", "check_length", "json_of", "negotiate", "parameters", "read_body"]

#: Where the body is kept once it was read: nobody can read it from the client twice.
BODY = "cliquet.body"
#: So many query strings are remembered, and so long they may be.
_MOST, _SHORT = 200, 200
_BEHAVIORS = frozenset({"full", "light", "diff"})
_OFFERS = ["application/json"]


def negotiate(request: Request) -> None:
    """Whether the client takes JSON.

    :raises NotAcceptable: when it does not.
    """
    accept = request.environ.get("HTTP_ACCEPT")
    if accept and accept != "*/*" and accept != "application/json" and not request.accept.acceptable_offers(_OFFERS):
        raise NotAcceptable(Problem("header", "Accept", f"Accept header should be one of {_OFFERS}"))


def media_type(request: Request, offered: tuple[str, ...]) -> str:
    """The media type of the body, without parameters; the first one offered when there is no body.

    :raises UnsupportedMediaType: when it is none of those offered.
    """
    coding = request.environ.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if coding not in ("", "identity"):
        raise UnsupportedMediaType(
            Problem("header", "Content-Encoding", "Content-Encoding: bodies are read as they are.")
        )
    given: str = request.environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if given in offered:
        return given
    if not given and not _has_body(request):
        return offered[0]
    raise UnsupportedMediaType(Problem("header", "Content-Type", f"Content-Type header should be one of {[*offered]}"))


def read_body(request: Request, limit: int) -> bytes:
    """The bytes of the body, however often they are asked for.

    :param limit: most bytes accepted.
    :raises BodyTooLarge: before reading more than that.
    """
    known: bytes | None = request.environ.get(BODY)
    raw = _read_once(request, limit) if known is None else known
    if len(raw) > limit:
        raise BodyTooLarge(limit)
    request.environ[BODY] = raw
    return raw


def _read_once(request: Request, limit: int) -> bytes:
    check_length(request, limit)
    if not _has_body(request):
        return b""
    try:
        raw: bytes = request.body_file.read(limit + 1)
    except DisconnectionError:
        raise MalformedBody(Problem("body", None, "The body is shorter than its Content-Length.")) from None
    return raw


def check_length(request: Request, limit: int) -> None:
    """Whether the body says that it is short enough.

    :raises BodyTooLarge: when it is not.
    """
    if _length(request) > limit:
        raise BodyTooLarge(limit)


def json_of(request: Request, limit: int) -> Any:
    """The JSON of the body; ``MISSING`` when there is none.

    :raises InvalidInput: when it is not the JSON that the protocol accepts.
    """
    raw = read_body(request, limit)
    return body.decode(raw) if raw else MISSING


def parameters(request: Request) -> list[tuple[str, str]]:
    """Names and values of the query string.

    :raises InvalidInput: when it is not UTF-8.
    """
    if not request.environ.get("QUERY_STRING"):
        return []
    try:
        return list(request.GET.items())
    except UnicodeDecodeError:
        raise InvalidInput(Problem("querystring", None, "The query string is not UTF-8.")) from None


def _has_body(request: Request) -> bool:
    return _length(request) > 0 or "chunked" in request.environ.get("HTTP_TRANSFER_ENCODING", "").lower()


def _length(request: Request) -> int:
    """What the body says that it has, in bytes."""
    given = request.environ.get("CONTENT_LENGTH", "")
    # Python refuses to read thousands of digits; the first ones say enough.
    return int(given[:19]) if given.isdecimal() else 0


class Reader:
    """Reads the requests of one resource.

    :param parts: the application.
    :param validator: the resource's schema.
    :param id_generator: which ids it accepts.
    :param known: the permissions that bodies may name; none where records are not shared.
    """

    def __init__(
        self, parts: Components, validator: Validator, id_generator: Generator, known: tuple[str, ...] = ()
    ) -> None:
        self._parts = parts
        self.known = known
        self._validator = validator
        self._ids = id_generator
        #: What was asked by query strings without filters and tokens, of which clients have few.
        self._pages: dict[str, tuple[Query, tuple[str, ...] | None]] = {}
        self._limits = querystring.Limits(parts.settings.paginate_by, parts.settings.storage_max_fetch_size)

    def record_id(self, request: Request) -> str:
        """The id in the URL.

        :raises InvalidInput: when no record can have it.
        """
        found: str = request.matchdict["id"]
        if not self._ids.match(found):
            raise InvalidInput(Problem("path", None, "Invalid record id"))
        return found

    def reading(self, request: Request) -> Call:
        """A GET or HEAD of one record."""
        return Call(
            when=_preconditions(request), fields=querystring.field_names(parameters(request), self._validator.fields)
        )

    def listing(self, request: Request, bound: Callable[[], bytes], fields: Fields | None = None) -> Call:
        """A GET, HEAD or DELETE of a collection.

        :param bound: says what a page token has to be good for.
        """
        asked: str = request.environ.get("QUERY_STRING", "")
        found = self._pages.get(asked) if fields is None else None
        if found is None:
            found = self._asked(request, bound, fields or self._validator.fields)
            is_plain = fields is None and not found[0].filters and found[0].after is None
            if is_plain and len(asked) <= _SHORT and len(self._pages) < _MOST:
                self._pages[asked] = found
        return Call(query=found[0], when=_preconditions(request), fields=found[1])

    def _asked(
        self, request: Request, bound: Callable[[], bytes], known: Fields
    ) -> tuple[Query, tuple[str, ...] | None]:
        """The query, and the fields wanted."""
        pairs = parameters(request)
        if any(name == "_to" for name, _ in pairs):
            send_alert(request, "_to is now deprecated, you should use _before instead")
        query = querystring.parse(pairs, known, now=self._parts.clock(), limits=self._limits)
        return self._continued(query, pairs, bound), querystring.field_names(pairs, known)

    def writing(self, request: Request, record_id: str | None = None) -> Call:
        """A POST, or the PUT of a record."""
        media_type(request, (patch.JSON,))
        envelope = self._envelope(json_of(request, self._parts.settings.max_body_bytes))
        wanted = permissions.read(envelope.get("permissions"), self.known)
        raw = self._record(envelope)
        if raw is None:
            return Call(data=None, permissions=wanted, when=_preconditions(request))
        given_id = self._given_id(raw, record_id)
        timestamp = supplied(raw.get("last_modified"), self._parts.clock())
        fields = {name: value for name, value in raw.items() if name not in ("id", "last_modified", "deleted")}
        data: dict[str, Any] = self._validator.validate(fields)
        reserved = {"id": given_id, "last_modified": timestamp}
        data |= {name: value for name, value in reserved.items() if value is not None}
        return Call(data=data, permissions=wanted, given=frozenset(raw), when=_preconditions(request))

    def changing(self, request: Request) -> Call:
        """The PATCH of a record."""
        form = media_type(request, tuple(patch.FORMS))
        change = json_of(request, self._parts.settings.max_body_bytes)
        if change is MISSING:
            raise InvalidInput(Problem("body", "data", 'data is missing: wrap your fields in {"data": {...}}'))
        if form != patch.JSON_PATCH:
            change = self._checked(change)
        names = querystring.field_names(parameters(request), self._validator.fields)
        return Call(change=change, form=form, when=_preconditions(request), fields=names, behavior=_behavior(request))

    def deleting(self, request: Request) -> Call:
        """The DELETE of a record."""
        wanted = dict(parameters(request)).get("last_modified")
        try:
            timestamp = None if wanted is None else values.timestamp(wanted, self._parts.clock() + DAY)
        except ValueError as error:
            text = f"Invalid value for last_modified: {error}"
            raise InvalidInput(Problem("querystring", "last_modified", text)) from None
        return Call(last_modified=timestamp, when=_preconditions(request))

    def _continued(self, query: Query, pairs: list[tuple[str, str]], bound: Callable[[], bytes]) -> Query:
        tokens = [text for name, text in pairs if name == "_token"]
        if not tokens:
            return query
        after = self._parts.tokens.read(tokens[-1], bound())
        return dataclasses.replace(query, after=after)

    def _record(self, envelope: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The record in the body; nothing where a shared record need not be named."""
        if "data" not in envelope:
            return None if self.known else self._nothing()
        if not isinstance(envelope["data"], dict):
            raise InvalidInput(Problem("body", "data", "A record is an object."))
        return envelope["data"]

    def _nothing(self) -> Mapping[str, Any]:
        """An empty record, where the schema asks for nothing."""
        try:
            self._validator.validate({})
        except InvalidInput:
            what = 'data is missing: wrap your fields in {"data": {...}}'
            raise InvalidInput(Problem("body", "data", what)) from None
        return {}

    def _envelope(self, content: Any) -> Mapping[str, Any]:
        if content is MISSING:
            return {}
        if not isinstance(content, dict):
            raise InvalidInput(Problem("body", None, 'A JSON object is expected, such as {"data": {...}}.'))
        for name in content:
            if name != "data" and not (name == "permissions" and self.known):
                what = f'{name} is not allowed: wrap your fields in {{"data": {{...}}}}'
                raise InvalidInput(Problem("body", name, what))
        return content

    def _given_id(self, raw: Mapping[str, Any], record_id: str | None) -> str | None:
        given = raw.get("id")
        if record_id is not None:
            if given is not None and given != record_id:
                raise InvalidInput(Problem("body", "data.id", "Record id does not match existing record"))
            return record_id
        if given is not None and not (isinstance(given, str) and self._ids.match(given)):
            raise InvalidInput(Problem("body", "data.id", "Invalid record id"))
        return given

    def _checked(self, change: Any) -> Mapping[str, Any]:
        """The parts of a record that a PATCH names."""
        envelope = {name: part for name, part in self._envelope(change).items() if part is not None}
        data = envelope.get("data")
        if self.known and not envelope:
            raise InvalidInput(Problem("body", None, "Provide at least one of data or permissions"))
        if not isinstance(data, dict) and not (self.known and data is None):
            what = 'data is missing: wrap your fields in {"data": {...}}'
            raise InvalidInput(Problem("body", "data", what if data is None else "A record is an object."))
        supplied((data or {}).get("last_modified"), self._parts.clock())
        return envelope


def _preconditions(request: Request) -> preconditions.Preconditions:
    environ = request.environ
    return preconditions.parse(environ.get("HTTP_IF_MATCH"), environ.get("HTTP_IF_NONE_MATCH"))


def _behavior(request: Request) -> str:
    asked: str = request.headers.get("Response-Behavior", "").strip().lower() or "full"
    if asked not in _BEHAVIORS:
        what = f"Invalid value for Response-Behavior: one of {', '.join(sorted(_BEHAVIORS))} is expected."
        raise InvalidInput(Problem("header", "Response-Behavior", what))
    return asked


def bound_to(request: Request, owner: str) -> bytes:
    """What a page token of this request is good for."""
    return page.binding(request.environ.get("PATH_INFO", ""), owner, parameters(request))
