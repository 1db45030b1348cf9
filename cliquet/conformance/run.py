"""The kit's one entry point: run every case against one service."""

from __future__ import annotations

import contextlib
import http.client
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TextIO
from unittest import mock

import pytest

from cliquet.conformance.client import Client
from cliquet.conformance.plugin import Bench, Recorder
from cliquet.conformance.report import FAILING, Ledger
from cliquet.conformance.sample import Sample
from cliquet.conformance.shelf import Shelf

__all__ = ["run"]

CASES: Final = Path(__file__).parent / "cases"


def run(
    base_url: str,
    *,
    collection: str,
    auth: tuple[str, str] = ("alice", "secret-a"),
    other: tuple[str, str] = ("bob", "secret-b"),
    samples: Path | None = None,
    report: TextIO,
) -> int:
    """Check a service against ``docs/protocol`` and print what was found.

    **Everything that the two users have in the collection is deleted**, first thing and last thing. Give users who
    have nothing to lose.

    :param base_url: the service with its version prefix, such as ``http://localhost:8888/v1``.
    :param collection: a collection of private records, such as ``/articles``.
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
    path = "/" + collection.strip("/")
    try:
        sample = Sample.read(samples)
        alice, bob = (Shelf(Client(base_url, user), path, sample) for user in (auth, other))
        problem = _refused(alice) or _refused(bob) or _invalid(alice)
    except (OSError, ValueError, http.client.HTTPException) as error:
        problem = f"{base_url} cannot be reached, or the sample not read: {error}"
    if problem:
        report.write(f"The cases could not be run. {problem}\n")
        return 2
    return _judge(alice, bob, report)


def _refused(shelf: Shelf) -> str:
    """Why a user cannot do anything with the collection, or nothing."""
    answer = shelf.all()
    name = (shelf.client.auth or ("nobody",))[0]
    return f"{answer} to {name}." if answer.status in {401, 403, 404} else ""


def _invalid(shelf: Shelf) -> str:
    """Why the sample is no valid record, or nothing."""
    answer = shelf.post(shelf.new())
    return f"The sample is not valid: {answer.raw.decode(errors='replace')}" if answer.status == 400 else ""


def _judge(alice: Shelf, bob: Shelf, report: TextIO) -> int:
    ledger = Ledger()
    transcript = io.StringIO()
    with contextlib.redirect_stdout(transcript), _alone():
        code = pytest.main(_arguments(), plugins=[Bench(alice, bob), Recorder(ledger)])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) or not ledger.findings:
        report.write(f"The cases could not be run.\n{transcript.getvalue()}\n")
        return 2
    ledger.write(report)
    return 1 if ledger.of(FAILING) else 0


def _arguments() -> list[str]:
    """Run our cases and nothing else, whatever project the user stands in."""
    alone = [f"--rootdir={CASES}", f"--confcutdir={CASES}", "-c", os.devnull, "-p", "no:cacheprovider"]
    return [*alone, "--import-mode=importlib", "--capture=no", "--tb=line", "-o", "python_files=*.py", str(CASES)]


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Without the plugins and options that the environment asks pytest for."""
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTEST_ADDOPTS", "PYTEST_PLUGINS"}}
    with mock.patch.dict(os.environ, {**kept, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}, clear=True):
        yield
