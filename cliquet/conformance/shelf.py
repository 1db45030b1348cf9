"""One user's collection, as the cases handle it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any, TypeVar
from urllib.parse import quote

from cliquet.conformance.client import Answer, Client, Query
from cliquet.conformance.sample import Sample

__all__ = ["Shelf"]

Record = dict[str, Any]
Result = TypeVar("Result")


class Shelf:
    """The records of one user in the collection under test.

    :param client: the user.
    :param path: the collection's path below the prefix, such as ``/articles``.
    """

    def __init__(self, client: Client, path: str, sample: Sample) -> None:
        self.client = client
        self.path = path
        self.sample = sample
        #: The field that takes any text.
        self.text = sample.editable

    def again(self) -> Shelf:
        """The same collection on a connection of its own."""
        return Shelf(self.client.again(), self.path, self.sample)

    def at(self, record: Record | str) -> str:
        """The path of a record."""
        return f"{self.path}/{quote(record if isinstance(record, str) else record['id'], safe='')}"

    def new(self, text: str | None = None, **fields: Any) -> Record:
        """The fields of a valid record that does not exist yet."""
        record = self.sample.record()
        if text is not None:
            record[self.text] = text
        return {**record, **fields}

    def post(self, data: Record, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for a record to be created."""
        return self.client.request("POST", self.path, body={"data": data}, headers=headers)

    def create(self, text: str | None = None, **fields: Any) -> Record:
        """A record that now exists."""
        answer = self.post(self.new(text, **fields)).expect(201)
        assert isinstance(answer.data, dict), f"{answer}: `data` is no record"
        return dict(answer.data)

    def read(self, record: Record | str, query: Query = (), headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for one record."""
        return self.client.request("GET", self.at(record), query=query, headers=headers)

    def put(self, record_id: str, data: Record, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for a record to be created or replaced."""
        return self.client.request("PUT", self.at(record_id), body={"data": data}, headers=headers)

    def patch(self, record: Record | str, data: Record, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for fields of a record to be changed."""
        return self.client.request("PATCH", self.at(record), body={"data": data}, headers=headers)

    def retitle(self, record: Record, text: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for a new text in the editable field."""
        return self.patch(record, {self.text: text}, headers)

    def delete(self, record: Record | str, query: Query = (), headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for a record to be deleted."""
        return self.client.request("DELETE", self.at(record), query=query, headers=headers)

    def all(self, query: Query = (), headers: Mapping[str, str] | None = None, method: str = "GET") -> Answer:
        """Ask for the collection, or with another method do something to it."""
        return self.client.request(method, self.path, query=query, headers=headers)

    def records(self, query: Query = ()) -> list[Record]:
        """The records of the first page."""
        return records_of(self.all(query).expect(200))

    def ids(self, query: Query = ()) -> list[str]:
        """The ids of the first page, in order."""
        return [record["id"] for record in self.records(query)]

    def texts(self, query: Query = ()) -> list[str]:
        """The editable texts of the first page, in order."""
        return [record.get(self.text, "") for record in self.records(query)]

    def walk(self, query: Query = (), method: str = "GET", most: int = 100) -> list[list[Record]]:
        """Every page from the first to the last."""
        answer = self.all(query, method=method).expect(200)
        pages = [records_of(answer)]
        while following := answer.header("Next-Page"):
            assert len(pages) < most, f"{answer}: still a Next-Page after {most} pages"
            answer = self.client.follow(following, method).expect(200)
            pages.append(records_of(answer))
        return pages

    def timestamp(self) -> int:
        """The collection's timestamp."""
        return self.all().expect(200).timestamp

    def empty(self) -> None:
        """Delete every record of this user in the collection, unless nothing was written since it was last done."""
        if self.client.writes.is_set():
            self._delete_all()
            self.client.writes.clear()

    def _delete_all(self) -> None:
        for _ in range(50):
            if self.all(method="DELETE").status != 200:
                break
            if not self.records():
                return
        for record in self.records():
            self.delete(record)

    def together(self, count: int, work: Callable[[Shelf, int], Result]) -> list[Result]:
        """Do ``count`` things at the same time, each on its own connection."""
        shelves = [self.again() for _ in range(count)]
        with ExitStack() as stack, ThreadPoolExecutor(count) as pool:
            for shelf in shelves:
                stack.callback(shelf.client.close)
            return list(pool.map(work, shelves, range(count)))


def records_of(answer: Answer) -> list[Record]:
    """The records of an answer to a list request."""
    data = answer.data
    assert isinstance(data, list), f"{answer}: `data` of a collection is no list but {type(data).__name__}"
    assert all(isinstance(record, dict) for record in data), f"{answer}: something in `data` is no record"
    return data
