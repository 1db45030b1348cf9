"""What pytest needs to run the cases: the fixtures they ask for, and a recorder of their outcome."""

from __future__ import annotations

import uuid
from collections.abc import Generator, Iterator, Sequence

import pytest

from cliquet.conformance.client import Answer, Client
from cliquet.conformance.report import CONFORMING, FAILING, SKIPPED, Finding, Ledger
from cliquet.conformance.shelf import Shelf

__all__ = ["Bench", "Recorder"]


class Bench:
    """The fixtures: two users' collections, and somebody anonymous.

    Everything that the two users have in the collection is deleted before the first case, and after the last.
    """

    def __init__(self, alice: Shelf, bob: Shelf) -> None:
        self._alice = alice
        self._bob = bob

    @pytest.fixture(scope="session")
    def first_sight(self) -> Answer:
        """What the second user's collection said before anything was done to it."""
        return self._bob.all({"_since": "0"})

    @pytest.fixture(scope="session", autouse=True)
    def _clean(self, first_sight: Answer) -> Iterator[None]:
        for shelf in (self._alice, self._bob):
            shelf.client.writes.set()
            shelf.empty()
        yield
        for shelf in (self._alice, self._bob):
            shelf.client.writes.set()
            shelf.empty()
            shelf.client.close()

    @pytest.fixture
    def alice(self) -> Shelf:
        """The first user's collection, empty."""
        self._alice.empty()
        return self._alice

    @pytest.fixture
    def bob(self) -> Shelf:
        """The second user's collection, empty."""
        self._bob.empty()
        return self._bob

    @pytest.fixture
    def anyone(self) -> Iterator[Client]:
        """A client without credentials."""
        client = Client(self._alice.client.base_url)
        yield client
        client.close()

    @pytest.fixture
    def unused_id(self) -> str:
        """An id that no record has had."""
        return str(uuid.uuid4())

    @pytest.fixture(scope="session")
    def schema_is_open(self, _clean: None) -> bool:
        """Whether records keep fields that nobody declared."""
        answer = self._bob.post(self._bob.new(kit_extra=1))
        return answer.status == 201 and bool(answer.data.get("kit_extra") == 1)

    @pytest.fixture
    def open_schema(self, schema_is_open: bool) -> None:
        """For cases that store fields of their own."""
        if not schema_is_open:
            pytest.skip("the collection keeps declared fields only")

    @pytest.fixture
    def closed_schema(self, schema_is_open: bool) -> None:
        """For cases about undeclared fields."""
        if schema_is_open:
            pytest.skip("the collection keeps any field")


class Recorder:
    """Chooses the cases of some sections, and writes the outcome of each into a ledger."""

    def __init__(self, sections: Sequence[str], ledger: Ledger) -> None:
        self._sections = sections
        self._ledger = ledger

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(self, obj: object) -> list[pytest.Item] | None:
        """Make nothing of the cases of other sections; most have many parameters."""
        sections = [mark.args[0] for mark in getattr(obj, "pytestmark", ()) if mark.name == "section"]
        return [] if sections and not set(sections) & set(self._sections) else None

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Run the cases of the sections, in the order of the pages."""
        items[:] = [item for item in items if _section(item) in self._sections]
        items.sort(key=lambda item: self._sections.index(_section(item)))

    def pytest_configure(self, config: pytest.Config) -> None:
        """Make the marker known."""
        config.addinivalue_line("markers", "section(name): the section of docs/protocol that the case checks")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note what became of the case."""
        report = yield
        if report.when == "call" or not report.passed:
            self._ledger.add(_finding(item, report, call))
        return report


def _finding(item: pytest.Item, report: pytest.TestReport, call: pytest.CallInfo[None]) -> Finding:
    verdict = {"passed": CONFORMING, "failed": FAILING, "skipped": SKIPPED}[report.outcome]
    return Finding(_section(item), _sentence(item), verdict, _reason(call))


def _section(item: pytest.Item) -> str:
    marker = item.get_closest_marker("section")
    assert marker is not None, f"{item.nodeid} has no section"
    return str(marker.args[0])


def _sentence(item: pytest.Item) -> str:
    """The case's name, in words."""
    name, bracket, rest = item.name.removeprefix("test_").partition("[")
    return name.replace("_", " ") + (f" ({rest[:-1]})" if bracket else "")


def _reason(call: pytest.CallInfo[None]) -> str:
    if call.excinfo is None:
        return ""
    error = call.excinfo.value
    if isinstance(error, AssertionError | pytest.skip.Exception):
        return next(iter(str(error).splitlines()), "the assertion has no text")
    return f"{type(error).__name__}: {error}"
