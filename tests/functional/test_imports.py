"""What a service loads when it starts: its own, and nothing that it does not use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: Imports what ``cliquet start`` does, loads the service as it does, and says what is in memory then.
_LOADED = """
import json, sys
from pathlib import Path
import click
from cliquet.cli import main
from cliquet.cli.ini import load
main.get_command(click.Context(main), "start")
load(Path(sys.argv[1]))
print(json.dumps(sorted(sys.modules)))
"""


def loaded(folder: Path, ini: Path) -> set[str]:
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "examples")])}
    command = [sys.executable, "-W", "ignore", "-c", _LOADED, str(ini)]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What examples/kinto has loaded on a SQLite file that was there before."""
    folder, ini = tmp_path_factory.mktemp("kinto"), ROOT / "examples" / "kinto" / "kinto.ini"
    assert "alembic" in loaded(folder, ini), "a new file gets its schema from alembic"
    return loaded(folder, ini)


@pytest.mark.parametrize(
    "name",
    [
        "alembic",
        "psycopg",
        "redis",
        "sqlalchemy.orm",
        "sqlalchemy.dialects.postgresql",
        "sentry_sdk",
        "newrelic",
        "jsonschema_rs",
    ],
)
def test_what_is_not_used_is_not_loaded(modules: set[str], name: str) -> None:
    assert name not in modules


@pytest.mark.parametrize("name", ["pytest", "_pytest", "webtest", "hypothesis", "kinto_http", "pyramid.testing"])
def test_what_tests_use_is_not_loaded(modules: set[str], name: str) -> None:
    assert name not in modules


@pytest.mark.parametrize("name", ["cliquet.testing", "cliquet.conformance", "cliquet.storage.postgresql", "kinto.move"])
def test_parts_of_ours_that_are_for_others_are_not_loaded(modules: set[str], name: str) -> None:
    assert name not in modules


def test_of_the_commands_only_the_one_that_was_typed_is_loaded(modules: set[str]) -> None:
    commands = {name for name in modules if name.startswith("cliquet.cli.")}
    assert commands == {f"cliquet.cli.{name}" for name in ("main", "ini", "start", "serving", "processes")}
