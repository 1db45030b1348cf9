"""Documents that come from the rows of a database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

from cliquet.storage.values import Document

__all__ = ["Documents"]


class Documents(Sequence[Document]):
    """Documents in an order, each made when somebody looks at it: most lists are answered as the texts that they are.

    :param ids: one for each, as are the others.
    :param times: in ms.
    :param texts: JSON.
    :param deleted: whether it is a tombstone.

    >>> documents = Documents(["x", "y"], [12, 13], ['{"id":"x"}', '{"id":"y"}'], [0, 0])
    >>> documents[-1].last_modified, list(documents[:1].texts)
    (13, ['{"id":"x"}'])
    """

    __slots__ = ("_deleted", "_ids", "_times", "texts")

    def __init__(self, ids: Sequence[str], times: Sequence[int], texts: Sequence[str], deleted: Sequence[int]) -> None:
        self._ids = ids
        self._times = times
        self.texts = texts
        self._deleted = deleted

    @overload
    def __getitem__(self, index: int) -> Document: ...

    @overload
    def __getitem__(self, index: slice) -> Documents: ...

    def __getitem__(self, index: Any) -> Any:
        record_id, time, text, deleted = (each[index] for each in (self._ids, self._times, self.texts, self._deleted))
        if isinstance(index, slice):
            return Documents(record_id, time, text, deleted)
        return Document(record_id, time, text, deleted=bool(deleted))

    def __len__(self) -> int:
        return len(self._ids)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # equality is about content
