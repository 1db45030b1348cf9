"""Where many write at once is remembered for a while."""

from __future__ import annotations

from cliquet.storage.base import Scope
from cliquet.storage.sql import busy
from cliquet.storage.sql.busy import Busy

HERE, THERE = Scope("note", "alice"), Scope("note", "bob")


def test_a_scope_is_busy_for_a_while() -> None:
    moment = [5.0]
    found = Busy(1.0, lambda: moment[0])
    assert HERE not in found
    found.note([HERE])
    moment[0] = 5.9
    assert HERE in found
    assert THERE not in found
    found.note([HERE])
    moment[0] = 6.8
    assert HERE in found
    moment[0] = 6.9
    assert HERE not in found


def test_no_more_than_so_many_are_remembered() -> None:
    found = Busy(1.0, lambda: 5.0)
    scopes = [Scope("note", str(number)) for number in range(busy._MOST)]
    found.note(scopes)
    assert all(scope in found for scope in scopes)
    found.note([HERE])
    assert [scope for scope in (*scopes, HERE) if scope in found] == [HERE]
