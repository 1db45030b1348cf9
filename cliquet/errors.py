"""The errors of Cliquet, in the words of its domain; their status codes are in :mod:`cliquet.web.errors`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from cliquet.errno import ERRORS

__all__ = [
    "ERRORS",
    "BackendError",
    "BodyTooLarge",
    "CliquetError",
    "ConfigurationError",
    "HorizonPassed",
    "InvalidInput",
    "MalformedBody",
    "NotAcceptable",
    "NotAllowed",
    "NotAuthenticated",
    "NotModified",
    "Overloaded",
    "PreconditionFailed",
    "Problem",
    "QuotaExceeded",
    "RecordNotFound",
    "Retryable",
    "SchemaOutdated",
    "SearchTimedOut",
    "TimedOut",
    "UnicityError",
    "UnsupportedMediaType",
    "raise_invalid",
]


class CliquetError(Exception):
    """The root of every error that Cliquet raises on purpose.

    >>> error: CliquetError = RecordNotFound("x")
    """


class ConfigurationError(CliquetError):
    """The service cannot start as it is configured; the text names the setting and says what to do.

    >>> str(ConfigurationError("Setting 'storage_url' is empty."))
    "Setting 'storage_url' is empty."
    """


class SchemaOutdated(ConfigurationError):
    """The database has not the schema of this version; the text says what to type.

    >>> error = SchemaOutdated("Run: cliquet migrate")
    """


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a request.

    :param location: ``body``, ``querystring``, ``header`` or ``path``.
    :param name: the field, parameter or header; ``None`` when the whole location is meant.
    :param description: what is wrong and what to do, for a person.

    >>> Problem("querystring", "_limit", "_limit should be an integer").as_dict()["name"]
    '_limit'
    """

    location: str
    name: str | None
    description: str

    def as_dict(self) -> dict[str, str | None]:
        """The problem as an entry of ``details``."""
        return {"location": self.location, "name": self.name, "description": self.description}


class InvalidInput(CliquetError):
    """A request is not what the protocol asks for. Holds every :class:`Problem` found.

    >>> error = InvalidInput(Problem("body", "data.title", "Required"))
    >>> [problem.name for problem in error.problems]
    ['data.title']
    """

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{p.name or p.location}: {p.description}" for p in problems))
        self.problems: Sequence[Problem] = problems


class MalformedBody(InvalidInput):
    """The body is not the JSON that the protocol accepts.

    >>> str(MalformedBody(Problem("body", None, "Invalid JSON")))
    'body: Invalid JSON'
    """


class BodyTooLarge(CliquetError):
    """The body is longer than ``limit`` bytes.

    >>> str(BodyTooLarge(1024))
    'The body is larger than 1024 bytes.'
    """

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is larger than {limit} bytes.")
        self.limit = limit


class UnsupportedMediaType(InvalidInput):
    """The request's ``Content-Type`` is none that the endpoint reads.

    >>> str(UnsupportedMediaType(Problem("header", "Content-Type", "should be application/json")))
    'Content-Type: should be application/json'
    """


class NotAcceptable(InvalidInput):
    """The request's ``Accept`` admits no JSON.

    >>> str(NotAcceptable(Problem("header", "Accept", "should be application/json")))
    'Accept: should be application/json'
    """


class NotAuthenticated(CliquetError):
    """Nobody in particular asks for something that is not public.

    >>> str(NotAuthenticated("anonymous"))
    'anonymous'
    """


class NotAllowed(CliquetError):
    """Somebody asks for something they may not do.

    >>> str(NotAllowed("basicauth:alice"))
    'basicauth:alice'
    """


class RecordNotFound(CliquetError):
    """There is no live record of that id in the scope.

    :param record_id: the id that was asked for.
    :param resource: the resource's name, such as ``article``.
    :param parent: whether it is a parent on the way that is missing, not the record itself.

    >>> RecordNotFound("x", "article").record_id
    'x'
    """

    def __init__(self, record_id: str, resource: str = "", *, parent: bool = False) -> None:
        super().__init__(record_id)
        self.record_id = record_id
        self.resource = resource
        self.parent = parent


class UnicityError(CliquetError):
    """Another live record of the scope holds the value of a unique field.

    :param field: the field that clashes; ``id`` when the record itself exists.
    :param record: the record that holds the value.

    >>> str(UnicityError("title", {"id": "x", "title": "A"}))
    'Conflict of field title on record x'
    """

    def __init__(self, field: str, record: Mapping[str, Any]) -> None:
        super().__init__(f"Conflict of field {field} on record {record.get('id')}")
        self.field = field
        self.record = record


class NotModified(CliquetError):
    """The client already has the current state; ``timestamp`` is its time in ms.

    >>> NotModified(1000).timestamp
    1000
    """

    def __init__(self, timestamp: int) -> None:
        super().__init__(str(timestamp))
        self.timestamp = timestamp


class PreconditionFailed(CliquetError):
    """The state is not what the client required.

    :param timestamp: the current time in ms of the record or collection; ``None`` when there is none.
    :param existing: the current record, when the precondition was on an existing record.

    >>> PreconditionFailed(1000, {"id": "x"}).existing
    {'id': 'x'}
    """

    def __init__(self, timestamp: int | None, existing: Mapping[str, Any] | None = None) -> None:
        super().__init__("Resource was modified meanwhile")
        self.timestamp = timestamp
        self.existing = existing


class QuotaExceeded(CliquetError):
    """A write would make something larger than it may be.

    >>> str(QuotaExceeded("11 > 10 objects"))
    '11 > 10 objects'
    """


class HorizonPassed(CliquetError):
    """Tombstones the client asks for were purged; it has to start over.

    :param horizon: the time in ms up to which tombstones are gone.

    >>> HorizonPassed(1000).horizon
    1000
    """

    def __init__(self, horizon: int) -> None:
        super().__init__("The history before the horizon is gone, start over without _since.")
        self.horizon = horizon


class BackendError(CliquetError):
    """A backend did not do its work.

    :param original: the driver's own exception, whose text is the default of ``message``.

    >>> str(BackendError(OSError("connection refused")))
    'OSError: connection refused'
    """

    def __init__(self, original: BaseException | None = None, message: str | None = None) -> None:
        super().__init__(message or f"{type(original).__name__}: {original}")
        self.original = original


class Retryable(BackendError):
    """The database refused a transaction that may well succeed when it is run again.

    >>> error: BackendError = Retryable(message="deadlock detected")
    """


class Overloaded(BackendError):
    """The backend is busy: no connection became free, or a statement took too long.

    >>> str(Overloaded(message="no connection became free"))
    'no connection became free'
    """


class TimedOut(Overloaded):
    """A statement was stopped, for it took longer than it may.

    >>> error: Overloaded = TimedOut(message="canceling statement due to statement timeout")
    """


class SearchTimedOut(TimedOut):
    """So many records had to be looked at that a search was given up.

    :param limit: the time in ms that it had.
    :param fields: the fields that no index is for, as clients name them.

    >>> print(SearchTimedOut(None, 5000, ("title",)))
    The search took longer than 5000 ms, for there is no index on 'title'. Have it indexed, or ask for less.
    """

    def __init__(self, original: BaseException | None, limit: int, fields: tuple[str, ...] = ()) -> None:
        named = " and ".join(f"'{field}'" for field in fields)
        reason = (
            f", for there is no index on {named}. Have it indexed, or ask for less." if fields else ". Ask for less."
        )
        super().__init__(original, f"The search took longer than {limit} ms{reason}")
        self.fields = fields


def raise_invalid(
    request: object = None, location: str = "body", name: str | None = None, description: str = "", **_: Any
) -> NoReturn:
    """Refuse a request, from a hook such as ``process_record``.

    :param request: accepted for the sake of older code.
    :param location, name, description: see :class:`Problem`.
    :raises InvalidInput: always. The answer is a 400 with errno 107 (``docs/protocol/errors``).

    >>> raise_invalid(None, name="unread", description="Say which device read it.")
    Traceback (most recent call last):
      ...
    cliquet.errors.InvalidInput: unread: Say which device read it.
    """
    raise InvalidInput(Problem(location, name, description))
