"""The reading list passes the conformance kit, on every storage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cliquet.testing.service import Service
from tests.functional.services import command, in_memory, on_postgresql, on_sqlite, service


@pytest.mark.parametrize("storage", ["memory", "sqlite", "postgresql"])
def test_the_reading_list_conforms(storage: str, tmp_path: Path, postgresql_database: Callable[[], str]) -> None:
    environ = _environ(storage, tmp_path, postgresql_database)
    with service(tmp_path, environ) as running:
        done = command(["conformance", f"{running.url}/v1", "--collection", "/articles"], {})
        log = running.log.read_text()
    _check(done.stdout, log)


@pytest.mark.parametrize("storage", ["memory", "sqlite", "postgresql"])
def test_records_with_any_fields_conform(storage: str, tmp_path: Path, postgresql_database: Callable[[], str]) -> None:
    ini = tmp_path / "notes.ini"
    ini.write_text("[app:main]\nuse = call:tests.functional.notes:main\nstorage_backend = cliquet.storage.sqlite\n")
    environ = _environ(storage, tmp_path, postgresql_database)
    sample = tmp_path / "sample.json"
    sample.write_text('{"title": "Note {n}"}')
    with Service(ini, tmp_path, environ) as running:
        url = f"{running.url}/v1"
        done = command(["conformance", url, "--collection", "/notes", "--sample", str(sample)], {})
        log = running.log.read_text()
    _check(done.stdout, log)


def _check(output: str, log: str) -> None:
    table = [line.split() for line in output.splitlines() if line.startswith("total")]
    conforming, failing, _ = map(int, table[0][1:])
    assert conforming > 500
    assert failing == 0, output
    assert "Traceback" not in log


def _environ(storage: str, folder: Path, database: Callable[[], str]) -> dict[str, str]:
    if storage == "memory":
        return in_memory()
    return on_sqlite(folder) if storage == "sqlite" else on_postgresql(database())
