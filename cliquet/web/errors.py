"""The one door that errors leave by: each becomes a status, an errno and the JSON of ``docs/protocol/errors``."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

import structlog
from pyramid.exceptions import URLDecodeError
from pyramid.httpexceptions import HTTPException
from pyramid.request import Request
from pyramid.response import Response

from cliquet import errors
from cliquet.errors import ERRORS
from cliquet.protocol import body
from cliquet.protocol.etag import etag, http_date
from cliquet.storage.base import Document
from cliquet.web.authentication import identify
from cliquet.web.components import components

__all__ = ["error_response", "error_view", "http_error", "is_spoken", "json_body", "send_alert"]

_log = structlog.get_logger("cliquet")
_INVALID = "Invalid parameters"
#: Statuses after which the same request may succeed.
_TRANSIENT = frozenset({409, 429, 503})
_BACKEND = "Service temporary unavailable due to overloading or maintenance, please retry later."


@dataclass(frozen=True)
class Answer:
    """How one kind of error is answered.

    :param extra: ``message`` and ``details``, given the error.
    """

    status: int
    errno: ERRORS
    title: str | None = None
    extra: Callable[[Any], Mapping[str, Any]] = lambda error: {}


def _message(text: str) -> Callable[[Any], Mapping[str, Any]]:
    return lambda error: {"message": text}


def _problems(error: errors.InvalidInput) -> Mapping[str, Any]:
    """All problems as details, the first by name as message."""
    if not error.problems:
        return {}
    first = min(error.problems, key=lambda problem: str(problem.name))
    message = f"{first.name} in {first.location}: {first.description}"
    if first.name is None:
        message = f"{first.location}: {first.description}"
    elif first.name in first.description:
        message = first.description
    return {"message": message, "details": [problem.as_dict() for problem in error.problems]}


def _not_found(error: errors.RecordNotFound) -> Mapping[str, Any]:
    return {"details": {"id": error.record_id, "resource_name": error.resource}}


def _failed(error: errors.PreconditionFailed) -> Mapping[str, Any]:
    found = {"message": "Resource was modified meanwhile"}
    return found if error.existing is None else {**found, "details": {"existing": error.existing}}


def _clash(error: errors.UnicityError) -> Mapping[str, Any]:
    existing = {"existing": error.record} if error.record else {}
    return {"message": _clash_text(error), "details": {"field": error.field, **existing}}


def _clash_text(error: errors.UnicityError) -> str:
    return str(error) if error.record else f"Conflict of field {error.field}"


def _gone(error: errors.HorizonPassed) -> Mapping[str, Any]:
    return {"message": str(error), "details": {"horizon": error.horizon}}


#: The most particular class of an error decides.
_ANSWERS: Mapping[type[Exception], Answer] = MappingProxyType(
    {
        errors.MalformedBody: Answer(400, ERRORS.BADJSON, _INVALID, _problems),
        errors.UnsupportedMediaType: Answer(415, ERRORS.INVALID_PARAMETERS, _INVALID, _problems),
        errors.NotAcceptable: Answer(406, ERRORS.INVALID_PARAMETERS, _INVALID, _problems),
        errors.InvalidInput: Answer(400, ERRORS.INVALID_PARAMETERS, _INVALID, _problems),
        errors.BodyTooLarge: Answer(413, ERRORS.REQUEST_TOO_LARGE, None, lambda error: {"message": str(error)}),
        errors.NotAuthenticated: Answer(
            401,
            ERRORS.MISSING_AUTH_TOKEN,
            None,
            _message("Please authenticate yourself to use this endpoint."),
        ),
        errors.NotAllowed: Answer(403, ERRORS.FORBIDDEN, None, _message("This user cannot access this resource.")),
        errors.RecordNotFound: Answer(404, ERRORS.INVALID_RESOURCE_ID, None, _not_found),
        errors.PreconditionFailed: Answer(412, ERRORS.MODIFIED_MEANWHILE, None, _failed),
        errors.UnicityError: Answer(409, ERRORS.CONSTRAINT_VIOLATED, None, _clash),
        errors.HorizonPassed: Answer(410, ERRORS.HORIZON_PASSED, None, _gone),
        errors.QuotaExceeded: Answer(507, ERRORS.FORBIDDEN, None, lambda error: {"message": str(error)}),
        errors.BackendError: Answer(503, ERRORS.BACKEND, None, _message(_BACKEND)),
        errors.SearchTimedOut: Answer(503, ERRORS.BACKEND, None, lambda error: {"message": str(error)}),
        URLDecodeError: Answer(400, ERRORS.INVALID_PARAMETERS, _INVALID, _message("The URL is not UTF-8.")),
    }
)
_UNEXPECTED = Answer(
    500, ERRORS.UNDEFINED, None, _message("A programmatic error occurred, developers have been informed.")
)
_BY_STATUS: Mapping[int, Answer] = MappingProxyType(
    {
        400: Answer(400, ERRORS.INVALID_PARAMETERS),
        401: _ANSWERS[errors.NotAuthenticated],
        403: _ANSWERS[errors.NotAllowed],
        404: Answer(
            404, ERRORS.MISSING_RESOURCE, None, _message("The resource you are looking for could not be found.")
        ),
        405: Answer(405, ERRORS.METHOD_NOT_ALLOWED, None, _message("Method not allowed on this endpoint.")),
        409: Answer(409, ERRORS.CONSTRAINT_VIOLATED),
        410: Answer(410, ERRORS.SERVICE_DEPRECATED),
        411: Answer(411, ERRORS.MISSING_CONTENT_LENGTH),
        412: Answer(412, ERRORS.MODIFIED_MEANWHILE),
        413: Answer(413, ERRORS.REQUEST_TOO_LARGE),
        429: Answer(429, ERRORS.CLIENT_REACHED_CAPACITY),
        503: _ANSWERS[errors.BackendError],
    }
)


def error_view(error: Exception, request: Request) -> Response:
    """The answer to any exception that left a view, even to one that is no good itself."""
    try:
        return error_response(request, error)
    except Exception as failure:
        _tell(_UNEXPECTED, failure)
        return _response(request, _UNEXPECTED, _UNEXPECTED.extra(failure))


def error_response(request: Request, error: Exception) -> Response:
    """An error as a response, with its JSON and headers (``docs/protocol/errors``).

    >>> from cliquet.testing.app import make_wsgi_app
    >>> request = Request.blank("/")
    >>> request.registry = make_wsgi_app().registry
    >>> error_response(request, errors.HorizonPassed(1000)).json["errno"]
    118
    """
    if isinstance(error, HTTPException):
        return _of_pyramid(request, error)
    if isinstance(error, errors.NotModified):
        return Response(status=304, headerlist=_times(error.timestamp))
    if isinstance(error, errors.NotAllowed) and identify(request) is None:
        error = errors.NotAuthenticated(str(error))
    answer = next((_ANSWERS[kind] for kind in type(error).__mro__ if kind in _ANSWERS), _UNEXPECTED)
    if isinstance(error, errors.RecordNotFound) and error.parent:
        answer = dataclasses.replace(answer, errno=ERRORS.MISSING_RESOURCE)
    _tell(answer, error)
    response = _response(request, answer, answer.extra(error))
    if isinstance(error, errors.PreconditionFailed) and error.timestamp is not None:
        response.headerlist.extend(_times(error.timestamp))
    return response


def json_body(
    status: int,
    errno: ERRORS | int,
    *,
    error: str | None = None,
    message: str | None = None,
    info: str | None = None,
    details: Any = None,
) -> dict[str, Any]:
    """The JSON of an error; what is not given is left out.

    >>> json_body(404, ERRORS.MISSING_RESOURCE)
    {'code': 404, 'errno': 111, 'error': 'Not Found'}
    """
    number = errno.value if isinstance(errno, ERRORS) else errno
    content = {"code": status, "errno": number, "error": error or _phrase(status)}
    optional = {"message": message, "info": info, "details": details}
    return {**content, **{name: value for name, value in optional.items() if value is not None}}


def _phrase(status: int) -> str:
    """What HTTP calls a status; not every status that an application makes up has a name."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def http_error(
    http_exception: Any,
    errno: ERRORS | int = ERRORS.UNDEFINED,
    code: int | None = None,
    error: str | None = None,
    message: str | None = None,
    info: str | None = None,
    details: Any = None,
) -> Any:
    """A Pyramid exception with the JSON of the protocol as its body, to be raised or returned by a view.

    >>> from pyramid.httpexceptions import HTTPForbidden
    >>> http_error(HTTPForbidden(), errno=ERRORS.FORBIDDEN).json["errno"]
    121
    """
    status = code or http_exception.code
    content = json_body(status, errno, error=error or http_exception.title, message=message, info=info, details=details)
    http_exception.content_type = "application/json"
    http_exception.body = body.encode(content)
    return http_exception


def send_alert(request: Request, message: str | None = None, url: str | None = None, code: str = "soft-eol") -> None:
    """Warn the client, in the ``Alert`` header of the answer (``docs/protocol/headers``).

    :param url: where to read more; by default the project's documentation.

    >>> from cliquet.testing.app import make_app
    >>> def warn(event):
    ...     send_alert(event.request, "Ends in May.", url="https://example.org")
    >>> app = make_app(configure=lambda config: config.add_subscriber(warn, "pyramid.events.NewRequest"))
    >>> app.get("/v1/").headers["Alert"]
    '{"code":"soft-eol","message":"Ends in May.","url":"https://example.org"}'
    """
    link = url or components(request.registry).settings.project_docs or None
    request.environ["cliquet.alert"] = (code, message, link)


def _of_pyramid(request: Request, error: Any) -> Response:
    """What Pyramid, Cornice or an application raised; JSON stays as it is."""
    if is_spoken(error) or error.code < 400:
        return _retried(request, error)
    answer = _BY_STATUS.get(error.code, Answer(error.code, ERRORS.UNDEFINED, error.title))
    if error.code == 403 and identify(request) is None:
        answer = _ANSWERS[errors.NotAuthenticated]
    response = _response(request, answer, answer.extra(error) or _detail(error))
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response


def is_spoken(error: Any) -> bool:
    """Whether an application gave its error a body in JSON, which is left alone."""
    return bool(error.content_type == "application/json" and error.body)


def _retried(request: Request, response: Any) -> Any:
    """The response, with the time after which to ask again where that makes sense."""
    if response.status_int in _TRANSIENT and "Retry-After" not in response.headers:
        response.headers["Retry-After"] = str(components(request.registry).settings.retry_after_seconds)
    return response


def _detail(error: Any) -> Mapping[str, Any]:
    return {"message": error.detail} if error.detail else {}


def _response(request: Request, answer: Answer, extra: Mapping[str, Any]) -> Response:
    parts = components(request.registry)
    request.environ["cliquet.errno"] = answer.errno.value
    info = (parts.settings.error_info_link or None) if answer.status == 500 else None
    content = json_body(answer.status, answer.errno, error=answer.title, info=info, **extra)
    response = Response(status=answer.status, body=body.encode(_plain(content)), content_type="application/json")
    if answer.status == 401:
        _challenge(request, response)
    return _retried(request, response)


def _challenge(request: Request, response: Response) -> None:
    """Offers what the policies accept; not to scripts of a page, where the browser would ask in their place."""
    if request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        return
    for policy in components(request.registry).policies.values():
        if challenge := getattr(policy, "challenge", None):
            response.headers.add("WWW-Authenticate", challenge)


def _times(timestamp: int) -> list[tuple[str, str]]:
    return [("ETag", etag(timestamp)), ("Last-Modified", http_date(timestamp))]


def _tell(answer: Answer, error: Exception) -> None:
    if answer is _UNEXPECTED:
        _log.error("unexpected error", exc_info=error)
    elif isinstance(error, errors.Overloaded):
        _log.warning("overloaded", reason=str(error))
    elif isinstance(error, errors.BackendError):
        _log.critical("backend error", exc_info=error.original or error)


def _plain(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: _plain(value) for name, value in content.items()}
    return content.data if isinstance(content, Document) else content
