"""What a database's part of a transaction knows before it sends anything."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from cliquet.database.effect import Effect, Kind
from cliquet.database.session import Session

ROW = ("ace", "/shelves/a", "read", "bob")
EFFECT = Effect(Kind("granted", {}, lambda rows: rows), ROW[1:])


def session() -> Session:
    """One whose database takes everything."""
    host: Any = SimpleNamespace(driver=SimpleNamespace(sending=lambda *_: ()), statements=None)
    return Session(host)


def test_what_was_sent_waits_no_more() -> None:
    one = session()
    one.later(ROW, EFFECT)
    assert one.waits("ace")
    assert one.waits("ace", begin=ROW[1:2])
    assert not one.waits("member")
    one.flush()
    assert not one.waits("ace")
    assert list(one.waiting("ace")) == []


def test_what_was_sent_and_undone_waits_again() -> None:
    one = session()
    one.later(ROW, EFFECT)
    mark = one.mark()
    one.flush()
    one.later(("member", "bob", "/groups/g"), EFFECT)
    one.rewind(mark)
    assert list(one.waiting("ace", "member")) == [ROW]
    assert one.waits("ace")
    assert not one.waits("member")
