"""examples/kinto as a process, with the accounts that clients log in with."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cliquet.testing.service import Client, Service
from tests.functional.services import command

INI = Path(__file__).parents[2] / "examples" / "kinto" / "kinto.ini"
PASSWORD = "correct horse"
PEOPLE = ("alice", "bob")


@dataclass(frozen=True)
class Kinto:
    """A running service.

    :param service: its process.
    """

    service: Service

    @property
    def url(self) -> str:
        """Where clients find it, with the version."""
        return f"{self.service.url}/v1"

    def account(self, name: str) -> str:
        """Sign up, and give the name back; the password is ``PASSWORD``."""
        answer = Client(self.url).request("PUT", f"/accounts/{name}", {"data": {"password": PASSWORD}})
        assert answer.status == 201, answer
        return name

    def somebody(self) -> str:
        """The name of a new account, which nobody else uses."""
        return self.account(f"u{uuid.uuid4().hex[:12]}")

    def as_user(self, name: str) -> Client:
        """A plain client that logs in as somebody who has an account."""
        return Client(self.url, user=f"{name}:{PASSWORD}")


def on_sqlite(folder: Path) -> dict[str, str]:
    """Variables for a file of SQLite."""
    url = f"sqlite:///{folder}/kinto.sqlite3"
    return backends("sqlite", url)


def on_postgresql(url: str) -> dict[str, str]:
    """Variables for a database of PostgreSQL, which gets its schema."""
    environ = backends("postgresql", url)
    command(["migrate", "--ini", str(INI)], environ)
    return environ


def backends(name: str, url: str) -> dict[str, str]:
    """Variables that keep everything in one database."""
    kinds = ("storage", "permission", "cache")
    modules = {f"KINTO_{kind.upper()}_BACKEND": f"cliquet.{kind}.{name}" for kind in kinds}
    urls = {f"KINTO_{kind.upper()}_URL": url for kind in kinds}
    return {**modules, **urls, **SETTINGS}


SETTINGS = {
    "KINTO_USERID_HMAC_SECRET": "not so secret",
    "KINTO_DEFAULT_BUCKET_HMAC_SECRET": "not so secret either",
    "KINTO_ACCOUNT_CREATE_PRINCIPALS": "system.Everyone",
    # Clients wait as long as they are told to.
    "KINTO_RETRY_AFTER_SECONDS": "1",
}


def running(folder: Path, environ: Mapping[str, str]) -> Iterator[Kinto]:
    """The service, with its accounts, until the generator goes on."""
    with Service(INI, folder, environ) as service:
        kinto = Kinto(service)
        command(["create-user", "--ini", str(INI), "--username", "admin", "--password", PASSWORD, "--admin"], environ)
        for name in PEOPLE:
            kinto.account(name)
        yield kinto
