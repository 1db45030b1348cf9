"""One chain for structlog and the standard library, and one line per event."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from cliquet.errors import ConfigurationError
from cliquet.monitoring.logs import RENDERERS, configure


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Shouting:
    """A renderer of one's own."""

    def __init__(self, project_name: str) -> None:
        self.project_name = project_name

    def __call__(self, logger: object, name: str, event: Any) -> str:
        return f"{self.project_name}: {event['event']}!"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    before = [(handler, handler.formatter) for handler in root.handlers], root.level
    yield
    root.handlers[:] = [handler for handler, _ in before[0]]
    for handler, formatter in before[0]:
        handler.setFormatter(formatter)
    root.setLevel(before[1])
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


def lines(output: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.getvalue().splitlines()]


def test_structlog_and_stdlib_say_the_same_thing(output: io.StringIO) -> None:
    configure(stream=output)
    structlog.get_logger("app").warning("disk is full", percent=99)
    logging.getLogger("app").warning("disk is %s", "full", extra={"percent": 99})
    first, second = lines(output)
    assert first | {"timestamp": ""} == second | {"timestamp": ""}
    assert first["event"] == "disk is full"


def test_what_is_bound_to_the_request_is_in_every_line(output: io.StringIO) -> None:
    configure(stream=output)
    structlog.contextvars.bind_contextvars(path="/v1/")
    structlog.get_logger().info("request.summary")
    logging.getLogger("other").info("hello")
    assert [line["path"] for line in lines(output)] == ["/v1/", "/v1/"]


def test_exceptions_are_in_the_line(output: io.StringIO) -> None:
    configure(stream=output)
    try:
        raise KeyError("a\nforged line")
    except KeyError:
        structlog.get_logger().exception("failed")
        logging.getLogger().exception("failed")
    assert len(lines(output)) == 2
    assert all("KeyError" in line["exception"] and line["level"] == "error" for line in lines(output))


def test_the_stack_is_that_of_the_caller(output: io.StringIO) -> None:
    configure(stream=output)
    logging.getLogger().warning("here", stack_info=True)
    assert "test_the_stack_is_that_of_the_caller" in lines(output)[0]["stack"]


@pytest.mark.parametrize("renderer", ["console", "json", "mozlog"])
def test_one_event_is_one_line_whatever_the_client_sends(output: io.StringIO, renderer: str) -> None:
    configure(renderer=renderer, stream=output)
    evil = "\r\n\x1b[2J\u2028{}" + "A" * 1_000_000
    structlog.get_logger().info("request.summary", agent=evil, path=evil, querystring={evil: evil}, lang=[evil])
    logging.getLogger("waitress").warning("bad request: %s", evil)
    assert len(output.getvalue().splitlines()) == 2
    assert "\x1b" not in output.getvalue()
    assert len(output.getvalue()) < 10_000


def test_auto_is_the_console_on_a_terminal() -> None:
    terminal = Terminal()
    configure(stream=terminal)
    structlog.get_logger().info("hello")
    assert "\x1b[" in terminal.getvalue()


@pytest.mark.parametrize("name", ["mozlog", "cliquet.logs.MozillaHekaRenderer"])
def test_mozlog_by_its_new_and_old_name(output: io.StringIO, name: str) -> None:
    configure(renderer=name, project_name="readinglist", stream=output)
    logging.getLogger().error("x")
    assert (lines(output)[0]["Logger"], lines(output)[0]["Severity"]) == ("readinglist", 2)


def test_the_old_classic_renderer_is_the_console() -> None:
    assert RENDERERS["cliquet.logs.ClassicLogRenderer"] is RENDERERS["console"]


def test_a_class_of_ones_own_is_called_with_the_projects_name(output: io.StringIO) -> None:
    configure(renderer=f"{__name__}.Shouting", project_name="me", stream=output)
    structlog.get_logger().info("hello")
    assert output.getvalue() == "me: hello!\n"


@pytest.mark.parametrize("name", ["nothing", "no.such.module", "cliquet.monitoring.logs.NoSuchThing", "", "os.sep"])
def test_an_unknown_renderer_is_named_at_start_up(name: str) -> None:
    with pytest.raises(ConfigurationError, match="logging_renderer"):
        configure(renderer=name)


def test_configuring_twice_does_not_double_lines(output: io.StringIO) -> None:
    configure(stream=output)
    configure(stream=output)
    structlog.get_logger().info("once")
    assert len(lines(output)) == 1


def test_handlers_of_the_ini_file_get_our_format_and_no_companion(output: io.StringIO) -> None:
    root = logging.getLogger()
    root.handlers[:] = [logging.StreamHandler(output)]
    root.setLevel("ERROR")
    configure(renderer="json")
    structlog.get_logger("app").info("dropped by the level of the INI file")
    structlog.get_logger("app").error("kept", a=1)
    assert [line["a"] for line in lines(output)] == [1]
    assert len(root.handlers) == 1


def test_without_handlers_lines_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger().handlers[:] = []
    configure()
    logging.getLogger("app").info("hello")
    assert json.loads(capsys.readouterr().err)["event"] == "hello"


def test_other_handlers_see_the_event_as_message(caplog: pytest.LogCaptureFixture) -> None:
    configure(stream=io.StringIO())
    with caplog.at_level("INFO"):
        structlog.get_logger("app").info("request.summary %s", "done", path="/", name="a field named as an attribute")
    assert caplog.messages == ["request.summary done"]


def test_a_record_that_another_handler_formatted_is_the_same(output: io.StringIO) -> None:
    root = logging.getLogger()
    first = logging.StreamHandler(io.StringIO())
    first.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    root.handlers[:] = [first]
    configure(stream=output)
    logging.getLogger("app").info("hello")
    assert set(lines(output)[0]) == {"timestamp", "level", "event", "logger"}
