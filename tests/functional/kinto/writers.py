"""People who change the records, access lists and groups of one bucket, each in a thread, and note what came of it."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from cliquet.testing.service import Client
from tests.functional.kinto.stores import BUCKET, LISTS
from tests.functional.kinto.story import Deed

__all__ = ["SHARED", "Destroyer", "Person", "Wish", "Writer"]

#: The ids of the records that everybody changes.
SHARED = [f"shared-{number}" for number in range(4)]
#: Parents, records and states that others may have changed meanwhile.
REFUSED = (404, 412)


class Wish(NamedTuple):
    """One request for a change.

    :param path: of the record, or of the list that a new one goes to.
    """

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = MappingProxyType({})

    @property
    def mark(self) -> str:
        """What no other change has."""
        data = (self.body or {}).get("data", {})
        return str(data.get("mark", ""))

    def part(self) -> dict[str, Any]:
        """The same as a part of a batch."""
        body = {} if self.body is None else {"body": self.body}
        return {"method": self.method, "path": self.path, "headers": dict(self.headers), **body}


class Person(threading.Thread):
    """Somebody who goes on until they are asked to end."""

    def __init__(self, client: Client, seed: int) -> None:
        super().__init__(daemon=True)
        self.client = client
        self.seed = seed
        self.chance = random.Random(seed)
        self.ended = threading.Event()
        self.deeds: list[Deed] = []
        self.failed: list[BaseException] = []
        self.numbers = 0

    def run(self) -> None:
        try:
            while not self.ended.is_set():
                self.act()
        except BaseException as error:
            self.failed.append(error)

    def act(self) -> None:
        """The next thing to do."""
        raise NotImplementedError

    def stop(self) -> None:
        """Ask them to end, and wait."""
        self.ended.set()
        self.join(60)
        assert not self.is_alive()
        assert self.failed == []

    def data(self, **fields: Any) -> dict[str, Any]:
        """A record that no other change has."""
        self.numbers += 1
        return {"mark": f"{self.seed}-{self.numbers}", **fields}

    def wish(self, wish: Wish) -> int:
        """Ask for a change by itself; says the status, 0 when there was no answer."""
        start = time.monotonic()
        try:
            answer = self.client.request(wish.method, wish.path, wish.body, **wish.headers)
        except OSError:
            self._note_unknown(start, [wish])
            return 0
        self._note(start, wish, answer.status, answer.json)
        return answer.status

    def batch(self, wishes: list[Wish], *, atomic: bool = False) -> None:
        """Ask for several changes at once."""
        start = time.monotonic()
        try:
            body = {"requests": [wish.part() for wish in wishes], "atomic": atomic}
            answer = self.client.request("POST", "/batch", body)
        except OSError:
            self._note_unknown(start, wishes)
            return
        if answer.status != 200 and not (atomic and answer.status == 409):
            self.deeds.append(Deed("odd", "", "/batch", start, 0, answer.json, status=answer.status))
            return
        for wish, one in zip(wishes, answer.json["responses"], strict=True):
            self._note(start, wish, one["status"], one["body"], undone=answer.status == 409)

    def _note(self, start: float, wish: Wish, status: int, body: Any, *, undone: bool = False) -> None:
        end = time.monotonic()
        if status in REFUSED or (undone and status < 400):
            self.deeds.append(Deed("fail", "", wish.path, start, end, mark=wish.mark, status=status))
        elif status not in (200, 201):
            self.deeds.append(Deed("odd", "", wish.path, start, end, body or {}, status=status))
        else:
            self._note_done(start, end, wish, status, body)

    def _note_done(self, start: float, end: float, wish: Wish, status: int, body: Any) -> None:
        found = body["data"] if isinstance(body["data"], list) else [body["data"]]
        is_list = wish.method == "POST" or isinstance(body["data"], list)
        action = "delete" if wish.method == "DELETE" else "create" if status == 201 else "update"
        path = wish.path.partition("?")[0]
        for data in found:
            uri = f"{path}/{data['id']}" if is_list else path
            self.deeds.append(Deed("ok", action, uri, start, end, data, body.get("permissions"), wish.mark, status))

    def _note_unknown(self, start: float, wishes: Iterable[Wish]) -> None:
        for wish in wishes:
            path, _, query = wish.path.partition("?")
            action = "delete" if wish.method == "DELETE" else ""
            ids = query.partition("=")[2].split(",") if query else []
            for uri in [f"{path}/{one}" for one in ids] or [path]:
                self.deeds.append(Deed("info", action, uri, start, time.monotonic(), mark=wish.mark))
        time.sleep(0.05)


class Writer(Person):
    """Changes everything but the bucket and the collections themselves.

    :param members: the users among whom the members of groups are.
    :param reader: a member of the group of readers, always.
    """

    def __init__(self, client: Client, seed: int, reader: str, members: list[str]) -> None:
        super().__init__(client, seed)
        self.reader = reader
        self.members = members
        self.mine: list[str] = []

    def act(self) -> None:
        kinds: list[tuple[Callable[[], None], int]] = [
            (self.create, 4),
            (self.change, 4),
            (self.change_checked, 2),
            (self.delete, 2),
            (self.delete_list, 1),
            (self.write_batch, 2),
            (self.write_atomic_batch, 1),
            (self.share, 2),
            (self.change_group, 2),
        ]
        actions, weights = zip(*kinds, strict=True)
        self.chance.choices(actions, weights)[0]()

    def create(self) -> None:
        """A record of one's own, with an id or without."""
        if self.chance.random() < 0.5:
            self.wish(Wish("POST", self.chance.choice(LISTS), {"data": self.data()}))
        else:
            self.wish(self.new())

    def new(self) -> Wish:
        """A record of one's own."""
        data = self.data()
        self.mine = [*self.mine[-20:], f"{self.chance.choice(LISTS)}/{data['mark']}"]
        return Wish("PUT", self.mine[-1], {"data": data})

    def shared(self) -> str:
        """The path of a record that others change as well."""
        return f"{self.chance.choice(LISTS)}/{self.chance.choice(SHARED)}"

    def change(self) -> None:
        """A record of everybody's."""
        method = self.chance.choice(["PUT", "PATCH"])
        self.wish(Wish(method, self.shared(), {"data": self.data(**{f"by{self.seed}": self.numbers})}))

    def change_checked(self) -> None:
        """A record of everybody's, if nobody else has changed it since."""
        path = self.shared()
        try:
            seen = self.client.request("GET", path)
        except OSError:
            return
        condition = {"If-Match": seen.headers["etag"]} if seen.status == 200 else {"If-None-Match": "*"}
        self.wish(Wish("PUT", path, {"data": self.data()}, condition))

    def delete(self) -> None:
        """A record of everybody's, or of one's own."""
        self.wish(Wish("DELETE", self.chance.choice([self.shared(), *self.mine[-3:]])))

    def delete_list(self) -> None:
        """Some records, by their list."""
        path = self.chance.choice(LISTS)
        ids = [SHARED[0], *(one.rpartition("/")[2] for one in self.mine if one.startswith(path))][:5]
        self.wish(Wish("DELETE", f"{path}?in_id={','.join(ids)}"))

    def write_batch(self) -> None:
        """25 changes, some of which are refused."""
        wishes = [self.new() for _ in range(19)]
        wishes += [Wish("PATCH", self.shared(), {"data": self.data()}) for _ in range(3)]
        wishes += [Wish("PUT", self.shared(), {"data": self.data()}, {"If-None-Match": "*"})]
        wishes += [Wish("DELETE", self.chance.choice(self.mine)), Wish("DELETE", f"{LISTS[0]}/nobody")]
        self.chance.shuffle(wishes)
        self.batch(wishes)

    def write_atomic_batch(self) -> None:
        """Changes that are undone together when the last one is refused, as it is half of the time."""
        doomed = [Wish("DELETE", f"{LISTS[0]}/nobody")] if self.chance.random() < 0.5 else []
        self.batch([self.new(), self.new(), Wish("PUT", self.shared(), {"data": self.data()}), *doomed], atomic=True)

    def share(self) -> None:
        """The access list of a record, with a change of the record or without one of its other fields."""
        permissions = {"read": self.chance.sample(self.members, 2), "write": [self.chance.choice(self.members)]}
        self.wish(Wish("PATCH", self.shared(), {"data": self.data(), "permissions": permissions}))

    def change_group(self) -> None:
        """The members of a group; the reader stays a member of the readers."""
        name = self.chance.choice(["readers", "team"])
        members = self.chance.sample(self.members, self.chance.randrange(3))
        data = self.data(members=[self.reader, *members] if name == "readers" else members)
        self.wish(Wish(self.chance.choice(["PUT", "PATCH"]), f"{BUCKET}/groups/{name}", {"data": data}))


class Destroyer(Person):
    """Deletes the second collection, in one way after the other, and makes it again."""

    PATH = f"{BUCKET}/collections/b"

    def act(self) -> None:
        self.ended.wait(self.chance.uniform(0.2, 0.5))
        ways = [self.delete, self.delete_by_list, self.replace]
        ways[self.numbers % 3]()
        self.wish(self.again())

    def again(self) -> Wish:
        """Make it, or change it when it is there."""
        return Wish("PUT", self.PATH, {"data": self.data()})

    def delete(self) -> None:
        """By itself."""
        self.wish(Wish("DELETE", self.PATH))

    def delete_by_list(self) -> None:
        """With the list of collections."""
        self.wish(Wish("DELETE", f"{BUCKET}/collections?in_id=b"))

    def replace(self) -> None:
        """Delete it and make it again at once."""
        record = Wish("PUT", f"{self.PATH}/records/{SHARED[0]}", {"data": self.data()})
        self.batch([Wish("DELETE", self.PATH), self.again(), record])
