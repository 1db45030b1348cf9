"""The conformance kit names what is broken in a server that keeps buckets, and nothing else."""

from __future__ import annotations

import io
import re
from contextlib import closing

import pytest

from cliquet.conformance import run
from cliquet.conformance.client import Client
from cliquet.conformance.sections import SECTIONS, TREE
from tests.functional.broken_server import Toy
from tests.functional.broken_tree import FAULTS, store
from tests.functional.services import command
from tests.functional.toy_connections import serving

BATCH = [name for name in SECTIONS if name.startswith("batch#")]
#: What the store has without its plugins.
PLAIN = [name for name in TREE if name.startswith(("sharing#", "buckets#")) and name != "buckets#default-bucket"]


def rows(report: str) -> dict[str, tuple[int, int, int]]:
    """The table of a report: conforming, failing, skipped."""
    found = re.findall(r"^(\S+#\S+) +(\d+) +(\d+) +(\d+)$", report, re.M)
    return {name: (int(good), int(bad), int(skipped)) for name, good, bad, skipped in found}


def judged(*faults: str, only: list[str]) -> tuple[int, str]:
    """The kit's exit code and report about a store."""
    report = io.StringIO()
    with serving(store(*faults)) as url:
        return run(url, kinto=True, only=only, report=report), report.getvalue()


@pytest.fixture(scope="module")
def healthy() -> tuple[int, str]:
    """What is said of a store without fault: all about a tree, and about batches, where it is a list of records."""
    return judged(only=[*TREE, "batch"])


def test_nothing_is_said_against_a_store_that_is_right(healthy: tuple[int, str]) -> None:
    code, report = healthy
    assert code == 0, report
    assert "FAILING" not in report
    assert all(rows(report)[name][0] > 0 for name in [*PLAIN, *BATCH]), report


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_section_is_named(fault: str) -> None:
    sections = FAULTS[fault]
    code, report = judged(fault, only=sorted(sections))
    assert code == 1
    assert {name for name, (_, failing, _) in rows(report).items() if failing} == sections
    for section in sections:
        page, anchor = section.split("#")
        assert f"docs/protocol/{page}.md#{anchor}\n" in report


def test_a_failing_case_has_a_reason() -> None:
    _, report = judged("permissions in lists", only=["sharing#answers"])
    case = re.search(r"FAILING lists and tombstones have no permissions\n {4}docs/\S+\n {4}(.+)\n", report)
    assert case, report
    assert "['data', 'permissions']" in case[1]


def test_what_a_server_does_not_announce_is_skipped(healthy: tuple[int, str]) -> None:
    _, report = healthy
    pages = ("history#", "accounts#", "permissions-list#", "json-schema#", "buckets#default-bucket")
    announced = [counts for name, counts in rows(report).items() if name.startswith(pages)]
    assert announced
    assert all(counts[:2] == (0, 0) and counts[2] > 0 for counts in announced), report
    for name in ("history", "accounts", "permissions_endpoint", "schema", "default_bucket"):
        assert f"the service does not publish the capability `{name}`" in report


def test_every_section_has_a_case(healthy: tuple[int, str]) -> None:
    found = rows(healthy[1])
    assert list(found) == [*BATCH, *TREE]
    assert not [name for name, counts in found.items() if not any(counts)]


def test_nothing_is_left_behind() -> None:
    with serving(store()) as url:
        run(url, kinto=True, only=["sharing#lists", "buckets#deletion"], report=io.StringIO())
        for user in (("alice", "secret-a"), ("bob", "secret-b")):
            with closing(Client(url, user)) as client:
                assert client.request("GET", "/buckets").expect(200).data == []


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({}, "which collection"),
        ({"kinto": True, "only": ["no-such-page"]}, "'no-such-page' is no page"),
        ({"collection": "/articles", "only": ["sharing"]}, "'sharing' is no page"),
        ({"kinto": True}, "may not create a bucket"),
    ],
)
def test_what_cannot_be_judged_is_said(asked: dict[str, object], problem: str) -> None:
    report = io.StringIO()
    with serving(Toy()) as url:
        assert run(url, report=report, **asked) == 2  # type: ignore[arg-type]  # of several types, each right
    assert problem in report.getvalue()


def test_users_who_are_nobody_are_said() -> None:
    report = io.StringIO()
    with serving(store()) as url:
        assert run(url, kinto=True, auth=("", "secret-a"), report=report) == 2
    assert "is nobody there, and could not sign up" in report.getvalue()
    assert "--auth and --other" in report.getvalue()


def test_the_command_takes_a_page() -> None:
    with serving(store()) as url:
        done = command(["conformance", url, "--kinto", "--only", "sharing#principals"], {})
    assert list(rows(done.stdout)) == ["sharing#principals"]
