"""The generic store as two processes on one database, all plugins that tell of changes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.sqlite import SQLite
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql.storage import SQLStorage
from cliquet.storage.sqlite import SQLiteDialect
from cliquet.testing.service import Client, Service

__all__ = ["BUCKET", "LISTS", "Stores", "database_of", "person", "running", "user_id"]

BUCKET = "/buckets/b"
#: The lists of records of the two collections.
LISTS = (f"{BUCKET}/collections/a/records", f"{BUCKET}/collections/b/records")
_INI = """[app:main]
use = call:kinto:main
project_name = kinto
includes = cliquet.plugins.history cliquet.plugins.permissions_endpoint
multiauth.policies = basicauth
userid_hmac_secret = not so secret
cache_backend = cliquet.cache.memory
storage_synchronous = NORMAL
{settings}
"""


@dataclass(frozen=True)
class Stores:
    """Two servers on one database."""

    services: tuple[Service, Service]

    @property
    def urls(self) -> tuple[str, str]:
        """Where they are, with the version."""
        one, other = (f"{service.url}/v1" for service in self.services)
        return one, other


def person(url: str, name: str) -> Client:
    """Somebody who uses one of the servers."""
    return Client(url, f"{name}:secret", timeout=60)


def user_id(url: str, name: str) -> str:
    """The principal that somebody is."""
    found: str = person(url, name).request("GET", "/").json["user"]["id"]
    return found


def database_of(request: pytest.FixtureRequest, kind: str, folder: Path) -> str:
    """The URL of an empty, migrated database of a kind."""
    if kind == "sqlite":
        url = f"sqlite:///{folder}/store.sqlite3"
        storage = SQLStorage(Database(url, SQLite(synchronous="NORMAL")), SQLiteDialect())
    else:
        fresh: Callable[[], str] = request.getfixturevalue("postgresql_database")
        url = fresh()
        storage = SQLStorage(Database(url, PostgreSQL()), PostgreSQLDialect())
    storage.migrate()
    storage.close()
    return url


@contextmanager
def running(url: str, folder: Path, settings: Mapping[str, str]) -> Iterator[Stores]:
    """Two servers on a database, until the block ends."""
    kind = url.partition(":")[0].partition("+")[0]
    places = {name: f"cliquet.{name}.{kind}" for name in ("storage", "permission")}
    found = {f"{name}_backend": module for name, module in places.items()}
    found |= {f"{name}_url": url.replace("%", "%%") for name in places} | dict(settings)
    ini = folder / "store.ini"
    ini.write_text(_INI.format(settings="\n".join(f"{name} = {value}" for name, value in found.items())))
    services = Service(ini, folder), Service(ini, folder)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(Service.start, services))
    try:
        yield Stores(services)
    finally:
        for service in services:
            service.stop()
