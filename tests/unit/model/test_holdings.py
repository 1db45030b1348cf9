"""What somebody holds comes from several sources as one list."""

from __future__ import annotations

from typing import Any

import pytest

from cliquet.model.holdings import Order, holdings
from cliquet.model.judge import NOBODY, Who
from cliquet.permission.base import Lists, Objects
from cliquet.permission.memory import MemoryPermission

READ, WRITE = frozenset({"read"}), frozenset({"write"})


class Recorded(MemoryPermission):
    """Permissions that remember how much they were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.limits: list[int | None] = []

    def objects_of(self, *arguments: Any, limit: int | None = None, **options: Any) -> Objects:
        self.limits.append(limit)
        return super().objects_of(*arguments, limit=limit, **options)


@pytest.fixture
def permission() -> Recorded:
    permission = Recorded()
    for number in range(100):
        permission.grant(f"/docs/{number:02}", "read", "alice")
    return permission


def test_no_more_is_read_than_is_taken(permission: Recorded) -> None:
    found = holdings(permission, Who(None, frozenset({"alice"})), [Lists.like("/docs/x")], Order(enough=3))
    assert [uri for uri, _ in zip(range(4), found, strict=False)] == [0, 1, 2, 3]
    assert permission.limits == [4]


def test_more_is_read_when_more_is_taken(permission: Recorded) -> None:
    found = holdings(permission, Who(None, frozenset({"alice"})), [Lists.like("/docs/x")], Order(enough=3))
    assert len(list(found)) == 100
    assert permission.limits == [4, 16, 64, 256]


def test_nothing_is_asked_about_no_lists(permission: Recorded) -> None:
    assert list(holdings(permission, NOBODY, [], Order())) == []
    assert permission.limits == []


@pytest.mark.parametrize("descending", [True, False])
def test_sources_are_joined_in_their_order(descending: bool) -> None:
    order = Order(descending=descending)
    first = sorted([("/a", READ), ("/b", READ), ("/b/c", READ)], reverse=descending)
    second = sorted([("/b", WRITE), ("/a0", WRITE)], reverse=descending)
    expected = [("/a", READ), ("/a0", WRITE), ("/b", READ | WRITE), ("/b/c", READ)]
    assert list(order.joined([first, second, []])) == (expected[::-1] if descending else expected)


@pytest.mark.parametrize("by_id", [True, False])
@pytest.mark.parametrize("descending", [True, False])
def test_the_root_is_where_it_would_be_among_the_others(by_id: bool, descending: bool) -> None:
    order = Order(by_id=by_id, descending=descending)
    held, root = [("/a/b", READ)], [("/", WRITE)]
    assert list(order.with_root(held, root)) == list(order.joined([held, root]))


def test_by_id_the_root_comes_last() -> None:
    order = Order(by_id=True, descending=False)
    sources = [[("/z/a", READ), ("/a/b", READ)], [("/", WRITE)]]
    assert [uri for uri, _ in order.joined(sources)] == ["/z/a", "/a/b", "/"]
    assert Order(by_id=True, descending=False, after="/a/z").holds("/")
    assert not Order(by_id=True, after="/a/z").holds("/")
    assert not Order(descending=False, after="/a").holds("/")
    assert Order(after="/a").holds("/")
    assert not Order(after="/").holds("/")


@pytest.mark.parametrize("descending", [True, False])
def test_after_the_root_the_others_follow_or_nothing(permission: Recorded, descending: bool) -> None:
    order = Order(by_id=True, descending=descending, after="/")
    found = list(holdings(permission, Who(None, frozenset({"alice"})), [Lists.like("/docs/x")], order))
    assert len(found) == (100 if descending else 0)
