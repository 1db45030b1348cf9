"""What storages are asked about and answer: scopes, documents, pages and counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from cliquet.protocol import body
from cliquet.protocol.query import Filter

__all__ = ["Count", "Document", "Edge", "Everywhere", "Head", "Page", "Scope", "Tally"]

_SERVERS = ("id", "last_modified", "deleted")


class Scope(NamedTuple):
    """Where records live: the kind of record, and whose or below what.

    >>> Scope("record", "/buckets/b/collections/c").parent
    '/buckets/b/collections/c'
    """

    resource: str
    parent: str

    @property
    def place(self) -> tuple[str, str]:
        """The order in which locks are taken."""
        return self.parent, self.resource


class Edge(NamedTuple):
    """Where the records of a resource are: under those of another resource, or under an ancestor itself.

    :param resource: whose records are below.
    :param parent: the resource of the records that they are under; ``""`` when that is the ancestor.
    :param segment: the last part of the path of the list that the parents are in; ``""`` without one.

    >>> Edge("record", "collection", "collections").under("/buckets/b", "c")
    Scope(resource='record', parent='/buckets/b/collections/c')
    """

    resource: str
    parent: str
    segment: str

    def under(self, place: str, record_id: str) -> Scope:
        """The scope below one parent.

        :param place: the parent of the scope that it is in.
        """
        return Scope(self.resource, f"{place}/{self.segment}/{record_id}")


class Head(NamedTuple):
    """The state of a scope: its time in ms, and the time up to which tombstones are gone.

    >>> Head(timestamp=1000).horizon
    0
    """

    timestamp: int = 0
    horizon: int = 0


class Document:
    """A record or a tombstone as it is stored; the JSON is parsed when somebody asks for :attr:`data`.

    >>> document = Document.make("x", 12, {"title": "A"})
    >>> document.json, document.data["title"]
    ('{"id":"x","last_modified":12,"title":"A"}', 'A')
    """

    __slots__ = ("_data", "deleted", "id", "json", "last_modified")

    def __init__(self, id: str, last_modified: int, json: str, *, deleted: bool = False) -> None:
        self.id = id
        self.last_modified = last_modified
        self.json = json
        self.deleted = deleted
        self._data: dict[str, Any] | None = None

    @classmethod
    def make(cls, id: str, last_modified: int, fields: Mapping[str, Any]) -> Document:
        """A record; what the server decides wins over the same names among ``fields``."""
        others = {name: value for name, value in fields.items() if name not in _SERVERS}
        return cls(id, last_modified, body.encode({"id": id, "last_modified": last_modified, **others}).decode())

    @classmethod
    def tombstone(cls, id: str, last_modified: int) -> Document:
        """What is left of a deleted record."""
        content = {"id": id, "last_modified": last_modified, "deleted": True}
        return cls(id, last_modified, body.encode(content).decode(), deleted=True)

    @property
    def data(self) -> dict[str, Any]:
        """The record as a dict that others see too: read it, and change a :meth:`copy`."""
        if self._data is None:
            self._data = self.copy()
        return self._data

    def copy(self) -> dict[str, Any]:
        """The record as a dict that the caller may change."""
        copied: dict[str, Any] = body.decode(self.json.encode(), depth=body.STORED_DEPTH)
        return copied

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and self.json == other.json

    __hash__ = None  # type: ignore[assignment]  # equality is about content

    def __repr__(self) -> str:
        return f"Document({self.json})"


class Page(NamedTuple):
    """Some records of a scope, all from one moment.

    :param documents: in the order asked for.
    :param timestamp: the scope's time in ms at that moment.
    :param more: whether there are records after these.

    >>> page = Page([Document.make("x", 12, {"title": "A"})], timestamp=12)
    >>> [document.data["title"] for document in page.documents], page.more
    (['A'], False)
    """

    documents: Sequence[Document]
    timestamp: int
    more: bool = False


class Count(NamedTuple):
    """How many live records match, and the scope's time in ms at the same moment.

    >>> Count(total=3, timestamp=1000).total
    3
    """

    total: int
    timestamp: int


class Tally(NamedTuple):
    """How many live records and how many tombstones there are.

    >>> Tally(records=3).tombstones
    0
    """

    records: int = 0
    tombstones: int = 0


class Everywhere(NamedTuple):
    """Which live records of a resource are wanted, whatever their parents: a page in the order of their paths.

    Records are ordered by their parent with a slash at its end, for then no parent is the beginning of another one, and
    then by their id.

    :param filters: all of them have to hold.
    :param after: where the page begins: a parent with a slash, and an id; neither has to exist.
    :param limit: most records in the page.

    >>> Everywhere("note", after=("/shelves/s/", "b")).chosen([("/shelves/s", Document.make("a", 1, {}))])
    [('/shelves/s', 'a')]
    """

    resource: str
    filters: tuple[Filter, ...] = ()
    after: tuple[str, str] | None = None
    limit: int = 1000
    descending: bool = True

    def chosen(self, records: Iterable[tuple[str, Document]]) -> list[tuple[str, str]]:
        """Parents and ids of the page, of all records of the resource with their parents."""
        live = [one for one in records if not one[1].deleted and all(each.holds(one[1].data) for each in self.filters)]
        places = sorted(((f"{parent}/", one.id) for parent, one in live), reverse=self.descending)
        return [(place[:-1], record_id) for place, record_id in filter(self._is_next, places)][: self.limit]

    def _is_next(self, place: tuple[str, str]) -> bool:
        if self.after is None:
            return True
        return place < self.after if self.descending else place > self.after
