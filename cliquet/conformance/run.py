"""The kit's one entry point: run every case against one service."""

from __future__ import annotations

import contextlib
import http.client
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO
from unittest import mock

import pytest

from cliquet.conformance.arrival import ANYTHING, arrive, lodged
from cliquet.conformance.client import Client
from cliquet.conformance.grove import Grove
from cliquet.conformance.plugin import Bench, Recorder
from cliquet.conformance.report import FAILING, Ledger
from cliquet.conformance.sample import Sample
from cliquet.conformance.sections import PRIVATE, SECTIONS, TREE
from cliquet.conformance.shelf import Shelf

__all__ = ["run"]

HERE: Final = Path(__file__).parent
#: Either the service cannot be asked at all, or its first answers are none that the protocol knows.
UNUSABLE: Final = (OSError, ValueError, AssertionError, http.client.HTTPException)


@dataclass(frozen=True)
class Plan:
    """What is checked.

    :param sections: of ``docs/protocol``.
    :param folders: where the cases are.
    :param plugins: the fixtures that they ask for.
    """

    sections: Sequence[str]
    folders: Sequence[str]
    plugins: Sequence[object]


def run(
    base_url: str,
    *,
    collection: str = "",
    kinto: bool = False,
    only: Sequence[str] = (),
    auth: tuple[str, str] = ("alice", "secret-a"),
    other: tuple[str, str] = ("bob", "secret-b"),
    samples: Path | None = None,
    report: TextIO,
) -> int:
    """Check a service against ``docs/protocol`` and print what was found.

    **Everything that the two users have in the collection, and in their default buckets, is deleted**, first thing and
    last thing. Give users who have nothing to lose.

    :param base_url: the service with its version prefix, such as ``http://localhost:8888/v1``.
    :param collection: a collection of private records, such as ``/articles``.
    :param kinto: whether to check a tree of buckets as well. Without ``collection``, everything that is not about
        private records is then checked on the records of a bucket.
    :param only: pages or sections to which the check is limited, such as ``sharing`` or ``sharing#lists``.
    :param auth: name and password of the first user.
    :param other: name and password of the second user.
    :param samples: a JSON file that says what a valid record looks like (``docs/protocol/conformance``).
    :param report: where the table and the failing cases are printed.
    :returns: 0 when nothing fails, 1 when a case fails, 2 when the cases could not be run.

    >>> import io
    >>> report = io.StringIO()
    >>> run("http://127.0.0.1:1/v1", collection="/articles", report=report)
    2
    >>> report.getvalue()
    'The cases could not be run. http://127.0.0.1:1/v1 cannot be reached, ...'
    """
    ledger, transcript = Ledger(), io.StringIO()
    with contextlib.ExitStack() as stack:
        try:
            users = [stack.enter_context(closing(Client(base_url, user))) for user in (auth, other)]
            path = "/" + collection.strip("/") if collection else ""
            sections = chosen(_sections(path, kinto=kinto), only)
            plan = Plan(sections, *_ready(stack, users, path, samples, kinto=kinto))
        except UNUSABLE as error:
            report.write(f"The cases could not be run. {_why(error, base_url)}\n")
            return 2
        code = _judged(plan, ledger, transcript)
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) or not ledger.findings:
        report.write(f"The cases could not be run.\n{transcript.getvalue()}\n")
        return 2
    ledger.write(plan.sections, report)
    return 1 if ledger.of(FAILING) else 0


def _why(error: BaseException, base_url: str) -> str:
    if isinstance(error, OSError | http.client.HTTPException):
        return f"{base_url} cannot be reached, or the sample not read: {error}"
    return str(error)


def _sections(path: str, *, kinto: bool) -> list[str]:
    """What can be checked.

    :raises ValueError: when nothing can.
    """
    if not path and not kinto:
        raise ValueError("Say which collection is to be checked, or that there is a tree of buckets.")
    return [*(name for name in SECTIONS if path or name != PRIVATE), *(TREE if kinto else ())]


def _ready(
    stack: contextlib.ExitStack, users: list[Client], path: str, samples: Path | None, *, kinto: bool
) -> tuple[list[str], list[object]]:
    """The folders of the cases, and the fixtures with all that they need.

    :raises ValueError: why they cannot be had.
    """
    people = [arrive(user) for user in users] if kinto else []
    if path:
        sample = Sample.read(samples)
        shelves = [Shelf(user, path, sample) for user in users]
    else:
        sample = Sample.read(samples) if samples else ANYTHING
        shelves = [stack.enter_context(lodged(person, sample)) for person in people]
    _check(*shelves)
    if not kinto:
        return ["cases"], [Bench(*shelves)]
    return ["cases", "tree"], [Bench(*shelves), Grove(*people)]


def chosen(sections: Sequence[str], only: Sequence[str]) -> list[str]:
    """The sections that are on some pages, or are some sections; all of them when there are none.

    :raises ValueError: names what is not among them.

    >>> chosen(("reading#like", "writing#put"), ["reading"])
    ['reading#like']
    """
    for name in only:
        if not any(_is_in(section, name) for section in sections):
            raise ValueError(f"{name!r} is no page and no section of docs/protocol that is checked here.")
    return [section for section in sections if not only or any(_is_in(section, name) for name in only)]


def _is_in(section: str, name: str) -> bool:
    return section == name or section.startswith(f"{name}#")


def _check(*shelves: Shelf) -> None:
    """Whether users can do something with the collection.

    :raises ValueError: why they cannot.
    """
    for shelf in shelves:
        answer = shelf.all()
        if answer.status in {401, 403, 404}:
            raise ValueError(f"{answer} to {(shelf.client.auth or ('nobody',))[0]}.")
    answer = shelves[0].post(shelves[0].new())
    if answer.status == 400:
        raise ValueError(f"The sample is not valid: {answer.raw.decode(errors='replace')}")


def _judged(plan: Plan, ledger: Ledger, transcript: TextIO) -> int:
    """Run the cases; pytest's exit code."""
    with contextlib.redirect_stdout(transcript), _alone():
        return pytest.main(_arguments(plan.folders), plugins=[*plan.plugins, Recorder(plan.sections, ledger)])


def _arguments(folders: Sequence[str]) -> list[str]:
    """Run our cases and nothing else, whatever project the user stands in."""
    alone = [f"--rootdir={HERE}", f"--confcutdir={HERE}", "-c", os.devnull, "-p", "no:cacheprovider"]
    shown = ["--import-mode=importlib", "--capture=no", "--tb=line", "-o", "python_files=*.py"]
    return [*alone, *shown, *(str(HERE / folder) for folder in folders)]


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Without the plugins and options that the environment asks pytest for."""
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTEST_ADDOPTS", "PYTEST_PLUGINS"}}
    with mock.patch.dict(os.environ, {**kept, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}, clear=True):
        yield
