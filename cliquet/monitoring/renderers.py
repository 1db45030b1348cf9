"""The shapes that a log line can have: for a person, as JSON, or as mozlog 2.0."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable, Mapping, MutableMapping
from functools import lru_cache
from typing import Any

from cliquet import clock
from cliquet.monitoring.fields import escape

__all__ = ["ConsoleRenderer", "JsonRenderer", "MozlogRenderer"]

Event = MutableMapping[str, Any]

_BRIGHT, _RED, _YELLOW, _CYAN, _MAGENTA, _GREY, _RESET = (
    f"\x1b[{code}m" for code in ("1", "31", "33", "36", "35", "90", "0")
)
_LEVEL_COLOURS = {"debug": _GREY, "warning": _YELLOW, "error": _RED, "critical": _RED}
_REQUEST_FIELDS = ("method", "path", "querystring", "code", "t")
_SEVERITIES = {"critical": 0, "fatal": 0, "exception": 2, "error": 2, "warning": 4, "info": 6, "debug": 7}
_MOZLOG_KEYS = ("Timestamp", "Logger", "Type", "Hostname", "Severity", "Pid", "EnvVersion")
_TEXTS = ("exception", "stack")
_encode = json.JSONEncoder(default=repr).encode


class ConsoleRenderer:
    """One line for a person: the request and its status when there is one, the event, the fields in order.

    A traceback follows on lines of its own, all of them indented.

    :param colours: whether the terminal understands ANSI colours.
    :param now: the time in ms.

    >>> render = ConsoleRenderer(colours=False, now=lambda: 0)
    >>> event = {"event": "request.summary", "method": "GET", "path": "/v1/", "code": 200, "t": 3, "lang": "fr"}
    >>> render(None, "info", event).partition(" ")[2]
    'info     "GET   /v1/" 200 (3 ms) request.summary lang=fr'
    """

    def __init__(self, *, colours: bool, now: clock.Clock = clock.now) -> None:
        self._paint: Callable[[str, str], str] = _coloured if colours else _plain
        self._now = now

    def __call__(self, logger: object, name: str, event: Event) -> str:
        event = dict(event)
        texts = [str(event.pop(key)) for key in _TEXTS if event.get(key)]
        parts = [self._head(name), *self._request(event), escape(str(event.pop("event", "?"))), *self._fields(event)]
        return "\n".join([" ".join(parts), *(_indented(text) for text in texts)])

    def _head(self, name: str) -> str:
        at = time.strftime("%H:%M:%S", time.localtime(self._now() / 1000))
        return f"{at} {self._paint(_LEVEL_COLOURS.get(name, ''), f'{name:<8}')}"

    def _request(self, event: Event) -> list[str]:
        if "path" not in event:
            return []
        method, path, query, code, duration = (event.pop(key, None) for key in _REQUEST_FIELDS)
        line = f'"{_known(method):<5} {_known(path)}{_query(query)}"'
        return [self._paint(_BRIGHT, line), self._paint(_YELLOW, _known(code)), f"({_known(duration)} ms)"]

    def _fields(self, event: Event) -> list[str]:
        return [
            f"{self._paint(_CYAN, escape(str(key)))}={self._paint(_MAGENTA, _known(event[key]))}"
            for key in sorted(event)
        ]


class JsonRenderer:
    """One JSON object per line, in ASCII: ``timestamp`` (UTC), ``level``, ``event`` and the fields.

    :param now: the time in ms.

    >>> JsonRenderer(now=lambda: 1500)(None, "info", {"event": "started", "workers": 2})
    '{"timestamp": "1970-01-01T00:00:01.500Z", "level": "info", "event": "started", "workers": 2}'
    """

    def __init__(self, *, now: clock.Clock = clock.now) -> None:
        self._now = now

    def __call__(self, logger: object, name: str, event: Event) -> str:
        return _encode({"timestamp": _utc(self._now()), "level": name, **event})


class MozlogRenderer:
    """One line of mozlog 2.0 JSON. Keys of the format that the event already has are kept.

    :param project_name: becomes ``Logger``.
    :param now: the time in ms.

    >>> line = MozlogRenderer("readinglist")(None, "warning", {"event": "slow", "query": {"a": 1}})
    >>> decoded = json.loads(line)
    >>> decoded["Logger"], decoded["Type"], decoded["Severity"], decoded["Fields"]
    ('readinglist', 'slow', 4, {'query': '{"a": 1}'})
    """

    def __init__(self, project_name: str = "", *, now: clock.Clock = clock.now) -> None:
        self._project_name = project_name
        self._hostname = os.environ.get("HOSTNAME") or socket.gethostname()
        self._now = now

    def __call__(self, logger: object, name: str, event: Event) -> str:
        fields = {key: _flat(value) for key, value in event.items() if key not in (*_MOZLOG_KEYS, "event", "Fields")}
        given = {key: event[key] for key in _MOZLOG_KEYS if key in event}
        return _encode({**self._standard(name, event), **given, "Fields": {**event.get("Fields", {}), **fields}})

    def _standard(self, name: str, event: Event) -> dict[str, Any]:
        return {
            "Timestamp": self._now() * 1_000_000,
            "Logger": self._project_name,
            "Type": event.get("event", ""),
            "Hostname": self._hostname,
            "Severity": _SEVERITIES.get(name, 7),
            "Pid": os.getpid(),
            "EnvVersion": "2.0",
        }


def _flat(value: Any) -> Any:
    """Mozlog knows scalars and lists of strings; the rest travels as JSON text."""
    if isinstance(value, Mapping):
        return json.dumps(value, default=repr)
    if isinstance(value, list | tuple) and not all(isinstance(item, str) for item in value):
        return json.dumps(value, default=repr)
    return value if isinstance(value, str | int | float | list | tuple | None) else repr(value)


def _utc(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{_second(seconds)}.{rest:03d}Z"


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def _known(value: Any) -> str:
    if value is None:
        return "?"
    return escape(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=repr))


def _query(query: Any) -> str:
    if isinstance(query, Mapping):
        query = "&".join(f"{key}={value}" for key, value in query.items())
    return "?" + escape(str(query)) if query else ""


def _indented(text: str) -> str:
    return "\n".join("    | " + escape(line) for line in text.splitlines())


def _coloured(colour: str, text: str) -> str:
    return f"{colour}{text}{_RESET}" if colour else text


def _plain(colour: str, text: str) -> str:
    return text
