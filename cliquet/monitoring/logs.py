"""Sets logging up: one chain for what structlog and the standard library say."""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Callable, Mapping
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from cliquet.errors import ConfigurationError
from cliquet.monitoring.fields import cut
from cliquet.monitoring.renderers import ConsoleRenderer, JsonRenderer, MozlogRenderer

__all__ = ["RENDERERS", "MozlogRenderer", "configure", "cut", "formatter", "write"]

#: A renderer for the project's name and the stream that will be written to.
Factory = Callable[[str, object], Processor]

_RECORD_ATTRIBUTE = "cliquet_fields"
#: What every record has, or is given by formatters.
_KNOWN = frozenset([*vars(logging.makeLogRecord({})), _RECORD_ATTRIBUTE, "message", "asctime", "taskName"])
_LONG_TEXTS = {"exception": 16_384, "stack": 16_384}


def _on_terminal(stream: object) -> bool:
    return bool(getattr(stream, "isatty", bool)())


def _console(project_name: str, stream: object) -> Processor:
    return ConsoleRenderer(colours=_on_terminal(stream))


def _json(project_name: str, stream: object) -> Processor:
    return JsonRenderer()


def _mozlog(project_name: str, stream: object) -> Processor:
    return MozlogRenderer(project_name)


def _auto(project_name: str, stream: object) -> Processor:
    return (_console if _on_terminal(stream) else _json)(project_name, stream)


#: What the setting ``logging_renderer`` may say, besides the dotted name of a class of one's own.
RENDERERS: Mapping[str, Factory] = {
    "auto": _auto,
    "console": _console,
    "json": _json,
    "mozlog": _mozlog,
    "cliquet.logs.ClassicLogRenderer": _console,
    "cliquet.logs.MozillaHekaRenderer": _mozlog,
}


def configure(
    *, renderer: str = "auto", project_name: str = "", stream: TextIO | None = None, level: int | str = "INFO"
) -> None:
    """Send every log line of the process, from structlog and from the standard library, through one chain.

    Handlers that the root logger already has (from an INI file, say) keep their destination and level and get our
    format; without any, one is added. Calling again replaces what an earlier call did.

    :param renderer: ``auto`` (console on a terminal, else JSON), ``console``, ``json``, ``mozlog``, or the dotted name
        of a class that is called with the project's name and returns a structlog processor.
    :param project_name: the ``Logger`` of mozlog.
    :param stream: write here, whatever other handlers there are; by default to stderr, if there are none.
    :param level: of the root logger, when a handler is added.
    :raises ConfigurationError: there is no such renderer.

    >>> configure(renderer="xml")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
      ...
    cliquet.errors.ConfigurationError: logging_renderer: there is no 'xml'. Use auto, ..., or a class.
    """
    factory = _factory(renderer)
    structlog.configure(
        processors=_structlog_chain(),
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    for handler in _handlers(stream, level):
        handler.setFormatter(formatter(factory(project_name, getattr(handler, "stream", None))))


def formatter(render: Processor) -> logging.Formatter:
    """A formatter for a handler of one's own, that renders as :func:`configure` does.

    >>> record = logging.LogRecord("app", logging.INFO, "", 0, "%s is up", ("it",), None)
    >>> formatter(ConsoleRenderer(colours=False)).format(record).partition(" ")[2]
    'info     it is up logger=app'
    """
    return _Formatter(render)


def write(logger: logging.Logger, level: int, event: str, fields: Mapping[str, Any]) -> None:
    """Log an event with its fields, for those who do it with every request: no chain is run that changes nothing.

    >>> write(logging.getLogger("app"), logging.DEBUG, "started", {"workers": 2})
    """
    logger.log(level, event, extra={_RECORD_ATTRIBUTE: fields})


class _Formatter(logging.Formatter):
    """Renders what was logged through structlog and what was not, in the same way.

    :param render: makes a line of an event.
    """

    def __init__(self, render: Processor) -> None:
        super().__init__()
        self._render = render

    def format(self, record: logging.LogRecord) -> str:
        name = record.levelname.lower()
        event = structlog.contextvars.merge_contextvars(record, name, _event(record))
        if "exc_info" in event:
            event = structlog.processors.format_exc_info(record, name, event)
        line: Any = self._render(record, name, _short(event))
        return str(line)


class _Handler(logging.StreamHandler[TextIO]):
    """Marks the handler that :func:`configure` added, so that it is replaced rather than doubled."""


def _handlers(stream: TextIO | None, level: int | str) -> list[logging.Handler]:
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if isinstance(handler, _Handler)]:
        root.removeHandler(old)
    if stream is None and root.handlers:
        return list(root.handlers)
    ours = _Handler(stream or sys.stderr)
    root.addHandler(ours)
    root.setLevel(level)
    return [ours]


def _structlog_chain() -> list[Processor]:
    return [
        structlog.stdlib.filter_by_level,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.PositionalArgumentsFormatter(),
        _to_record,
    ]


def _to_record(logger: WrappedLogger, name: str, event: EventDict) -> tuple[tuple[Any], dict[str, Any]]:
    """The event as arguments of a stdlib logger.

    The message is the event alone, so that handlers that know nothing of structlog (Sentry's) group by it.
    """
    known = {key: event.pop(key) for key in ("exc_info", "stack_info") if key in event}
    return (event.pop("event", ""),), {**known, "extra": {_RECORD_ATTRIBUTE: event}}


def _event(record: logging.LogRecord) -> EventDict:
    """The event, with all that was added to the record, and the fields that come from structlog."""
    event: EventDict = {"event": record.getMessage()}
    if record.exc_info:
        event["exc_info"] = record.exc_info
    event.update({key: value for key, value in vars(record).items() if key not in _KNOWN})
    event.update(getattr(record, _RECORD_ATTRIBUTE, {}))
    event.setdefault("logger", record.name)
    if record.stack_info:
        event["stack"] = record.stack_info
    return event


def _short(event: EventDict) -> EventDict:
    return {key: _tail(value, _LONG_TEXTS[key]) if key in _LONG_TEXTS else cut(value) for key, value in event.items()}


def _tail(text: Any, limit: int) -> str:
    """The end of a traceback says more than its beginning."""
    return str(text)[-limit:]


def _factory(renderer: str) -> Factory:
    if renderer in RENDERERS:
        return RENDERERS[renderer]
    custom = _resolve(renderer)
    return lambda project_name, stream: custom(project_name)


def _resolve(dotted: str) -> Callable[[str], Processor]:
    module, _, name = dotted.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError):
        choices = ", ".join(sorted(RENDERERS))
        raise ConfigurationError(f"logging_renderer: there is no {dotted!r}. Use {choices}, or a class.") from None
    if not callable(found):
        raise ConfigurationError(f"logging_renderer: {dotted!r} is not a class.")
    renderer: Callable[[str], Processor] = found
    return renderer
