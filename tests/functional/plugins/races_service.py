"""Two servers of the generic store on one database, and clients that race through both."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import kinto
from cliquet.storage.base import Storage
from cliquet.testing.app import SETTINGS
from cliquet.testing.app import Client as Inside
from cliquet.testing.service import Answer, Client, Service
from tests.functional.plugins.history_service import BUCKET
from tests.functional.services import command

__all__ = ["CLIENTS", "MOST", "RECORDS", "ROUNDS", "Place", "Writer", "at_once", "effective", "servers"]

CLIENTS = 8
ROUNDS = 15
MOST = 40
RECORDS = [f"{BUCKET}/collections/{name}/records" for name in "cd"]
INI = """\
[app:main]
use = call:kinto:main
includes = cliquet.plugins.history cliquet.plugins.quotas
storage_backend = cliquet.storage.{kind}
storage_url = {url}
permission_backend = cliquet.permission.{kind}
permission_url = {url}
storage_synchronous = NORMAL
userid_hmac_secret = secret
quotas.bucket_max_items = {most}
quotas.bucket_max_bytes = 100000
"""


class Place(NamedTuple):
    """Two servers of one database, and the same application inside of the test."""

    urls: tuple[str, str]
    inside: Inside

    @property
    def storage(self) -> Storage:
        """Where the records are."""
        return self.inside.storage

    @property
    def owner(self) -> Client:
        """Who made the bucket."""
        return Client(self.urls[0], "ann:a")

    def renew(self) -> None:
        """Forget all that was stored, and make the bucket and its collections."""
        assert self.inside.parts.permission is not None
        self.storage.flush()
        self.inside.parts.permission.flush()
        self.owner.request("PUT", BUCKET, {"permissions": {"write": ["system.Authenticated"]}})
        for path in RECORDS:
            self.owner.request("PUT", path.removesuffix("/records"), {"data": {}})


@contextmanager
def servers(request: pytest.FixtureRequest, folder: Path, most: int = MOST) -> Iterator[Place]:
    """Two servers, of the kind of database that a fixture has as its parameter.

    :param most: how many records there may be.
    """
    kind = request.param
    url = f"sqlite:///{folder}/store.sqlite3"
    if kind == "postgresql":
        url = request.getfixturevalue("database_of_module")
    ini = folder / "kinto.ini"
    ini.write_text(INI.format(kind=kind, url=url.replace("%", "%%"), most=most))
    command(["migrate", "--ini", str(ini)], {})
    backends = {
        f"{part}_{name}": value
        for part in ("storage", "permission")
        for name, value in (("backend", f"cliquet.{part}.{kind}"), ("url", url))
    }
    inside = Inside(kinto.main(None, **{**SETTINGS, **backends, "project_name": "kinto"}))
    with Service(ini, folder) as one, Service(ini, folder) as other:
        yield Place((f"{one.url}/v1", f"{other.url}/v1"), inside)
    inside.storage.close()


def at_once(place: Place, act: Callable[[Client, int], list[Answer]]) -> list[Answer]:
    """All that the clients are answered, who all start at the same moment; each is a user of their own."""
    start = threading.Barrier(CLIENTS)
    answers: list[Answer] = []
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            start.wait(60)
            answers.extend(act(Client(place.urls[number % 2], f"user{number}:a"), number))
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    return answers


class Writer:
    """Creates, changes and deletes records, of its own and of others, one by one and in batches."""

    def __init__(self, client: Client, number: int) -> None:
        self.client = client
        self.chance = random.Random(number)
        self.texts = 0

    def write(self) -> list[Answer]:
        return [self._single() if self.chance.random() < 0.7 else self._several() for _ in range(ROUNDS)]

    def _single(self) -> Answer:
        method, path, body = self._one()
        return self.client.request(method, path, body)

    def _several(self) -> Answer:
        parts = [self._one() for _ in range(self.chance.randrange(2, 8))]
        requests = [{"method": method, "path": path, "body": body} for method, path, body in parts]
        return self.client.request("POST", "/batch", {"requests": requests})

    def _one(self) -> tuple[str, str, Any]:
        path = f"{self.chance.choice(RECORDS)}/{self.chance.randrange(60)}"
        if self.chance.random() < 0.03:
            return "DELETE", self.chance.choice(RECORDS), {}
        if self.chance.random() < 0.02:
            path = path.rpartition("/records/")[0]
        method = self.chance.choice(["PUT", "PUT", "PUT", "PATCH", "DELETE"])
        self.texts += 1  # no two are the same, so that every change is one
        return method, path, {"data": {"text": f"{self.client.user} {self.texts}" + "é" * self.chance.randrange(200)}}


def effective(answer: Answer) -> int:
    """How many changes of records an answer tells of, those aside that went with a collection."""
    if answer.json and "responses" in answer.json:
        return sum(effective(Answer(one["status"], {}, one["body"])) for one in answer.json["responses"])
    if answer.status not in (200, 201):
        return 0
    return len(answer.json["data"]) if isinstance(answer.json["data"], list) else 1
