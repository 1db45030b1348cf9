"""What people were allowed the last time: a guess at what it pays to ask along with other things, and nothing else."""

from __future__ import annotations

from collections.abc import Hashable

__all__ = ["Habits"]


class Habits:
    """Who was allowed what the last time.

    Nobody is allowed or refused anything because of it. Where a guess is wrong, what was left out is asked by a
    statement of its own.

    :param most: of how many it is known; then it begins anew.

    >>> habits = Habits()
    >>> habits.note(("alice", "/notes"), allowed=True)
    >>> habits.expects(("alice", "/notes")), habits.expects(("bob", "/notes"))
    (True, False)
    """

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._allowed: set[Hashable] = set()

    def note(self, what: Hashable, *, allowed: bool) -> None:
        """It was decided."""
        if not allowed:
            self._allowed.discard(what)
            return
        if len(self._allowed) >= self._most:
            self._allowed.clear()
        self._allowed.add(what)

    def expects(self, what: Hashable) -> bool:
        """Whether it was allowed when it was decided the last time, as far as that is known."""
        return what in self._allowed
