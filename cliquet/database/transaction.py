"""The unit of work: what several backends do in one request is kept or undone together."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

__all__ = ["Participant", "Savepoint", "Transaction"]


class Savepoint:
    """A block that can be undone.

    >>> with Transaction() as transaction:
    ...     with transaction.savepoint() as point:
    ...         transaction.after_commit(lambda: print("undone, and so not printed"))
    ...         point.undo()
    ...     transaction.after_commit(lambda: print("kept"))
    kept
    """

    def __init__(self) -> None:
        self.undone = False

    def undo(self) -> None:
        """Undo the block when it ends."""
        self.undone = True


class Participant(Protocol):
    """One backend's part of a transaction.

    One with a true attribute ``ends_last`` ends after all others: what it keeps others out of is kept by then. One
    with a true attribute ``ends_at_once`` is not prepared when it is the first to end: nothing is kept before it, so
    that its commit may fail. One with a method ``doubt`` is told when what was read before a lock counts no more.

    >>> class Printer:
    ...     def prepare(self): print("ready")
    ...     def commit(self): print("kept")
    ...     def rollback(self): print("undone")
    >>> with Transaction() as transaction:
    ...     printer = transaction.join("printer", Printer)
    ready
    kept
    """

    def prepare(self) -> None:
        """Do everything that may still fail."""

    def commit(self) -> None:
        """Keep it."""

    def rollback(self) -> None:
        """Undo it."""

    def mark(self) -> Any:
        """A point to come back to."""

    def rewind(self, mark: Any) -> None:
        """Undo what came after a mark, and forget the mark."""

    def release(self, mark: Any) -> None:
        """Keep what came after a mark, and forget the mark."""


P = TypeVar("P", bound=Participant)


class Transaction:
    """Collects the participants of one unit of work; a participant begins when a backend first needs it.

    As a context manager it commits at the end, and rolls back when an exception leaves the block.

    >>> with Transaction() as transaction:
    ...     transaction.after_commit(lambda: print("kept"))
    kept
    """

    def __init__(self) -> None:
        self._participants: dict[Hashable, Any] = {}
        self._after: list[Callable[[], None]] = []
        self._looks: list[Callable[[], None]] = []

    def join(self, key: Hashable, begin: Callable[[], P]) -> P:
        """The participant of a backend, begun when there is none yet.

        :param key: what the backends that share a participant have in common, such as their database.
        :param begin: starts the participant.
        """
        found: P | None = self._participants.get(key)
        if found is None:
            found = self._participants[key] = begin()
        return found

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call something once everything is kept."""
        self._after.append(callback)

    def looked(self, again: Callable[[], None]) -> None:
        """Somebody looked at what they are going to need.

        :param again: looks at it once more.
        """
        self._looks.append(again)

    def doubt(self) -> None:
        """Let nobody rely on what was read before a lock."""
        for participant in self._participants.values():
            getattr(participant, "doubt", _certain)()

    def look_again(self) -> None:
        """Look at what is going to be needed, because others changed something before a lock was ours."""
        for again in self._looks:
            again()

    def commit(self) -> None:
        """Keep everything; when a participant fails to prepare, nothing is kept.

        :raises BackendError: when a backend could not.
        """
        try:
            for number, participant in enumerate(self._in_order()):
                if number or not getattr(participant, "ends_at_once", False):
                    participant.prepare()
        except BaseException:
            self.rollback()
            raise
        self._finish(lambda participant: participant.commit())
        after, self._after = self._after, []
        for callback in after:
            callback()

    def rollback(self) -> None:
        """Undo everything."""
        self._after.clear()
        self._finish(lambda participant: participant.rollback())

    def _finish(self, end: Callable[[Participant], None]) -> None:
        """Ends every participant, even when one of them fails to; who keeps others out, at last."""
        ending = self._in_order()
        self._participants = {}
        failed: BaseException | None = None
        for participant in ending:
            try:
                end(participant) if failed is None else participant.rollback()
            except BaseException as error:
                failed = error
        if failed is not None:
            raise failed

    def _in_order(self) -> list[Any]:
        """The participants, as they end."""
        return sorted(self._participants.values(), key=_turn)

    @contextmanager
    def savepoint(self) -> Iterator[Savepoint]:
        """Undo what happens in the block, and only that, when an exception leaves it or the block asks for it."""
        marks = {key: participant.mark() for key, participant in self._participants.items()}
        after = len(self._after)
        point = Savepoint()
        try:
            yield point
        except BaseException:
            point.undone = True
            raise
        finally:
            if point.undone:
                self._rewind(marks, after)
            else:
                for key, mark in marks.items():
                    self._participants[key].release(mark)

    def _rewind(self, marks: dict[Hashable, Any], after: int) -> None:
        """Undo what came after the marks; whoever joined since is undone entirely."""
        del self._after[after:]
        for key in list(self._participants):
            if key in marks:
                self._participants[key].rewind(marks[key])
            else:
                self._participants.pop(key).rollback()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.commit()
        else:
            self.rollback()


def _certain() -> None:
    """Who knows nothing doubts nothing."""


def _turn(participant: Any) -> tuple[bool, bool]:
    return getattr(participant, "ends_last", False), not getattr(participant, "ends_at_once", False)
