"""The lines for a person, for JSON and for mozlog."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from cliquet.monitoring.renderers import ConsoleRenderer, JsonRenderer, MozlogRenderer

REQUEST = {"event": "request.summary", "method": "GET", "path": "/v1/articles", "querystring": {"_limit": "2"}}


def console(event: dict[str, Any], level: str = "info") -> str:
    return ConsoleRenderer(colours=False, now=lambda: 0)(None, level, event).partition(" ")[2]


def mozlog(event: dict[str, Any], level: str = "info") -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(MozlogRenderer("readinglist", now=lambda: 1500)(None, level, event))
    return decoded


def test_a_request_is_one_readable_line() -> None:
    line = console({**REQUEST, "code": 200, "t": 7, "uid": "bob", "agent": "curl"})
    assert line == 'info     "GET   /v1/articles?_limit=2" 200 (7 ms) request.summary agent=curl uid=bob'


def test_unknown_parts_of_a_request_are_question_marks() -> None:
    assert console({"event": "boom", "path": "/"}) == 'info     "?     /" ? (? ms) boom'


def test_an_event_outside_of_a_request_has_only_its_fields() -> None:
    assert console({"event": "started", "b": 2, "a": [1]}) == "info     started a=[1] b=2"


def test_colours_are_ansi_codes() -> None:
    line = ConsoleRenderer(colours=True)(None, "error", {**REQUEST, "code": 500, "k": "v"})
    assert "\x1b[31merror" in line
    assert "\x1b[33m500\x1b[0m" in line


def test_a_person_is_not_fooled_by_a_client() -> None:
    evil = "x\n12:00:00 info fake\x1b[2J"
    line = console({"event": evil, "path": evil, "querystring": {evil: evil}, "agent": evil, evil: 1, "method": evil})
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line


def test_a_traceback_is_indented_below_its_event() -> None:
    first, *rest = console({"event": "boom", "exception": "Traceback\n  File x\nError: \x1b[31m"}).split("\n")
    assert first == "info     boom"
    assert all(line.startswith("    | ") for line in rest)
    assert "\x1b" not in "".join(rest)


def test_json_is_one_ascii_line() -> None:
    line = JsonRenderer()(None, "warning", {"event": "a\nb\u2028", "agent": "é\x1b[0m"})
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["event"] == "a\nb\u2028"


@pytest.mark.parametrize(
    ("level", "severity"),
    [("critical", 0), ("fatal", 0), ("error", 2), ("exception", 2), ("warning", 4), ("info", 6), ("debug", 7)],
)
def test_mozlog_knows_each_level(level: str, severity: int) -> None:
    assert mozlog({"event": "x"}, level)["Severity"] == severity


def test_mozlog_has_the_standard_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTNAME", "web1")
    assert mozlog({"event": "request.summary", "code": 200}) == {
        "Timestamp": 1_500_000_000,
        "Logger": "readinglist",
        "Type": "request.summary",
        "Hostname": "web1",
        "Severity": 6,
        "Pid": os.getpid(),
        "EnvVersion": "2.0",
        "Fields": {"code": 200},
    }


def test_mozlog_takes_the_hosts_name_from_the_system_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOSTNAME", raising=False)
    assert mozlog({"event": "x"})["Hostname"]


def test_mozlog_encodes_structures_as_text() -> None:
    event = {"event": "x", "q": {"a": 1}, "mixed": ["a", 1], "texts": ["a", "b"], "none": None}
    assert mozlog(event)["Fields"] == {"q": '{"a": 1}', "mixed": '["a", 1]', "texts": ["a", "b"], "none": None}


def test_mozlog_keeps_what_is_already_there() -> None:
    line = mozlog({"event": "x", "Pid": 3, "Severity": 1, "Type": "mine", "Fields": {"a": 1}, "b": 2})
    assert (line["Pid"], line["Severity"], line["Type"], line["Fields"]) == (3, 1, "mine", {"a": 1, "b": 2})
