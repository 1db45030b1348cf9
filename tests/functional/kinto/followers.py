"""People who follow a list by its time, and keep a copy of it, each in a thread."""

from __future__ import annotations

import time
from typing import Any

from cliquet.testing.service import Answer, Client
from tests.functional.kinto.story import Followed
from tests.functional.kinto.writers import Person

__all__ = ["Follower"]


class Follower(Person):
    """Follows a list.

    :param name: who it is, for people to read.
    :param path: the list.
    :param limit: records in a page.
    """

    def __init__(self, client: Client, seed: int, name: str, path: str, limit: int) -> None:
        super().__init__(client, seed)
        self.label = f"{name} of {path}"
        self.path = path
        self.limit = limit
        self.since = ""
        self.copy: dict[str, dict[str, Any]] = {}
        self.told: dict[str, dict[str, Any]] = {}
        self.odd: list[str] = []
        self.restarts = 0
        self.missing = 0

    def act(self) -> None:
        try:
            self.poll()
        except OSError:
            time.sleep(0.05)
        time.sleep(0.01)

    def poll(self) -> None:
        """What changed since the last time."""
        path, etag = f"{self.path}?_limit={self.limit}", ""
        headers = {"If_None_Match": self.since} if self.since else {}
        path += f"&_since={self.since}" if self.since else ""
        copy = dict(self.copy) if self.since else {}
        while path:
            answer = self.client.request("GET", path, **headers)
            if answer.status != 200:
                self._without(answer)
                return
            etag, headers = etag or answer.headers["etag"], {}
            self._take(answer.json["data"], copy)
            path = answer.headers.get("next-page", "").partition("/v1")[2]
        self.copy, self.since = copy, etag

    def followed(self) -> Followed:
        """What came of it."""
        return Followed(self.label, self.path, list(self.told.values()), self.copy, self.odd)

    def _take(self, records: list[dict[str, Any]], copy: dict[str, dict[str, Any]]) -> None:
        for record in records:
            self.told[f"{record['id']} {record['last_modified']}"] = record
            if record.get("deleted"):
                copy.pop(record["id"], None)
            else:
                copy[record["id"]] = record

    def _without(self, answer: Answer) -> None:
        """There is nothing to take: because nothing changed, or the collection is gone, or was for a while."""
        if answer.status == 410 and answer.json["errno"] == 118:
            self.since, self.restarts = "", self.restarts + 1
        elif answer.status == 404 and answer.json["errno"] == 111:
            self.missing += 1
        elif answer.status != 304:
            self.odd.append(f"{answer.status} {answer.json}")
