"""The conformance kit names what is broken in a server, and nothing else."""

from __future__ import annotations

import ast
import io
import json
import re
from pathlib import Path

import pytest

import cliquet.conformance
from cliquet.conformance import run
from cliquet.conformance.sections import SECTIONS, TREE
from tests.functional.broken_server import Toy
from tests.functional.toy_connections import serving

ROOT = Path(__file__).parents[2]
#: What the toy has never learned; everything else it does right until a fault is switched on.
UNKNOWN_TO_THE_TOY = {
    *("url-space#utilities", "writing#patch", "writing#response-behavior", "headers#alert", "headers#cors"),
    *("batch#requests", "batch#answers", "batch#inheritance", "batch#atomic", "body#json-dialect", "body#limits"),
}


def written(folder: Path) -> Path:
    """A file that says what a record of the toy looks like."""
    path = folder / "sample.json"
    path.write_text(json.dumps({"title": "Title {n}", "url": "http://example.com/{n}"}), encoding="utf-8")
    return path


def failing(report: str) -> set[str]:
    """The sections of the table in which something fails."""
    return {name for name, count in re.findall(r"^(\S+#\S+) +\d+ +(\d+) +\d+$", report, re.M) if count != "0"}


def judged(toy: Toy, sample: Path, *only: str) -> tuple[int, str]:
    """The kit's exit code and report about a toy: about all sections, or some."""
    report = io.StringIO()
    with serving(toy) as url:
        return run(url, collection="/articles", samples=sample, only=only, report=report), report.getvalue()


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Toy, int, str]:
    """A toy without fault and what the kit says about it, in a project whose own tests are a mess."""
    project = tmp_path_factory.mktemp("project")
    (project / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n", encoding="utf-8")
    (project / "conftest.py").write_text("raise RuntimeError\n", encoding="utf-8")
    toy = Toy()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        patch.setenv("PYTEST_ADDOPTS", "--no-such-option")
        return toy, *judged(toy, written(project))


def test_nothing_is_said_against_what_a_server_does_right(healthy: tuple[Toy, int, str]) -> None:
    _, code, report = healthy
    assert code == 1
    assert failing(report) == UNKNOWN_TO_THE_TOY


def test_every_section_has_a_row_and_a_case(healthy: tuple[Toy, int, str]) -> None:
    rows = re.findall(r"^(\S+#\S+) +(\d+) +(\d+) +(\d+)$", healthy[2], re.M)
    assert [name for name, *_ in rows] == list(SECTIONS)
    assert not [name for name, *counts in rows if set(counts) == {"0"}]


def test_records_of_the_users_are_deleted_in_the_end(healthy: tuple[Toy, int, str]) -> None:
    timelines = healthy[0].timelines.values()
    assert [timeline.live for timeline in timelines] == [{}] * len(timelines)
    assert len(timelines) >= 2


BROKEN = [
    (["weak etags"], {"timestamps#etag", "timestamps#timeline", "preconditions#if-none-match"}),
    (
        ["clock etag", "totals on get", "no next page"],
        {"timestamps#etag", "timestamps#timeline", "reading#totals", "reading#paging"},
    ),
    (["if-match ignored", "no cors on errors"], {"preconditions#if-match", "headers#cors", "errors#table"}),
    (["no tombstones", "text as number"], {"timestamps#tombstones", "reading#filters", "reading#operators"}),
    (["one user"], {"authentication#private-collections", "authentication#identities"}),
    (["html errors"], {"errors#envelope", "errors#table", "errors#order-of-checks", "url-space#routing"}),
]


@pytest.mark.parametrize(("faults", "sections"), BROKEN, ids=lambda value: "-".join(sorted(value)))
def test_a_broken_section_is_named(tmp_path: Path, faults: list[str], sections: set[str]) -> None:
    code, report = judged(Toy(*faults), written(tmp_path), *sections)
    assert code == 1
    assert failing(report) == sections, sections - failing(report)
    for section in sections:
        page, anchor = section.split("#")
        assert f"docs/protocol/{page}.md#{anchor}\n" in report


def test_a_failing_case_has_a_reason(tmp_path: Path) -> None:
    _, report = judged(Toy("totals on get"), written(tmp_path))
    case = re.search(r"FAILING get has no totals\n {4}docs/protocol/reading.md#totals\n {4}(.+)\n", report)
    assert case, report
    assert "totals on GET" in case[1], report
    assert failing(report) == UNKNOWN_TO_THE_TOY | {"reading#totals"}


def test_a_service_that_does_not_answer_is_no_verdict() -> None:
    report = io.StringIO()
    assert run("http://127.0.0.1:9/v1", collection="/articles", report=report) == 2
    assert "cannot be reached" in report.getvalue()


@pytest.mark.parametrize(
    ("collection", "sample", "problem"),
    [
        ("/nowhere", {}, "404 to alice"),
        ("/articles", {"id": "not an id!"}, "not valid"),
        ("/articles", [], "JSON object"),
    ],
)
def test_what_cannot_be_judged_is_said(tmp_path: Path, collection: str, sample: object, problem: str) -> None:
    path = tmp_path / "sample.json"
    path.write_text(json.dumps(sample), encoding="utf-8")
    report = io.StringIO()
    with serving(Toy()) as url:
        assert run(url, collection=collection, samples=path, report=report) == 2
    assert problem in report.getvalue()


def test_the_kit_knows_nothing_of_the_server() -> None:
    here = Path(cliquet.conformance.__file__).parent
    for path in here.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            foreign = [name for name in names if name.startswith("cliquet") and "cliquet.conformance" not in name]
            assert not foreign, f"{path.name} imports {foreign}"


@pytest.mark.parametrize("section", SECTIONS + TREE)
def test_a_section_is_a_heading_of_the_documentation(section: str) -> None:
    page, anchor = section.split("#")
    text = (ROOT / "docs" / "protocol" / f"{page}.md").read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
