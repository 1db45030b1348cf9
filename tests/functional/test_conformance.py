"""The examples pass the conformance kit, on every storage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cliquet.testing.service import Service
from tests.functional.services import command, in_memory, on_postgresql, on_sqlite, service

KINTO = Path(__file__).parents[2] / "examples" / "kinto" / "kinto.ini"
#: Everything that the kit knows how to check, whatever the INI file chooses.
EVERYTHING = {
    "KINTO_INCLUDES": "cliquet.plugins.accounts cliquet.plugins.history kinto.default_bucket",
    "KINTO_EXPERIMENTAL_PERMISSIONS_ENDPOINT": "true",
    "KINTO_EXPERIMENTAL_COLLECTION_SCHEMA_VALIDATION": "true",
    "KINTO_ACCOUNT_CREATE_PRINCIPALS": "system.Everyone",
    "KINTO_USERID_HMAC_SECRET": "not so secret",
    "KINTO_DEFAULT_BUCKET_HMAC_SECRET": "not so secret either",
    # What a hash costs is nothing that a client can tell.
    "KINTO_ACCOUNT_ARGON2_PASSES": "1",
    "KINTO_ACCOUNT_ARGON2_MEMORY_KIB": "8",
    # Nobody cuts the power here.
    "KINTO_STORAGE_SYNCHRONOUS": "NORMAL",
}


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


@pytest.mark.parametrize("storage", ["memory", "sqlite", "postgresql"])
def test_the_generic_store_conforms(storage: str, tmp_path: Path, postgresql_database: Callable[[], str]) -> None:
    environ = {**EVERYTHING, **_on(storage, tmp_path, postgresql_database)}
    if storage == "postgresql":
        command(["migrate", "--ini", str(KINTO)], environ)
    with Service(KINTO, tmp_path, environ) as running:
        done = command(["conformance", f"{running.url}/v1", "--kinto"], {})
        log = running.log.read_text()
    _check(done.stdout, log)
    assert "does not publish the capability" not in done.stdout


def _check(output: str, log: str) -> None:
    table = [line.split() for line in output.splitlines() if line.startswith("total")]
    conforming, failing, _ = map(int, table[0][1:])
    assert conforming > 500
    assert failing == 0, output
    assert "Traceback" not in log


def _environ(storage: str, folder: Path, database: Callable[[], str]) -> dict[str, str]:
    if storage == "memory":
        return in_memory()
    if storage == "sqlite":
        return {**on_sqlite(folder), "CLIQUET_STORAGE_SYNCHRONOUS": "NORMAL"}
    return on_postgresql(database())


def _on(storage: str, folder: Path, database: Callable[[], str]) -> dict[str, str]:
    """Variables that keep everything in one place; beside a file, the cache is in memory, as in the INI file."""
    kinds = ("STORAGE", "PERMISSION") if storage == "sqlite" else ("STORAGE", "PERMISSION", "CACHE")
    backends = {f"KINTO_{kind}_BACKEND": f"cliquet.{kind.lower()}.{storage}" for kind in kinds}
    if storage == "memory":
        return backends
    url = f"sqlite:///{folder}/kinto.sqlite" if storage == "sqlite" else database()
    return {**backends, **{f"KINTO_{kind}_URL": url for kind in kinds}}
