"""The judge: who may do what, by which ACE, through which group, or by which setting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from cliquet.database.transaction import Transaction
from cliquet.model.access import ROOT, Granter, Kind, Level, Tree
from cliquet.model.judge import NOBODY, Decision, Grounds, Judge, Who, setting_of, settings_principals
from cliquet.permission.memory import MemoryPermission

SHELF, BOOK = Level("shelf", "/shelves/s"), Level("book", "/shelves/s/books/b")
GROUP = "/shelves/s/teams/t"
ALICE, BOB = Who.user("basicauth:alice"), Who.user("basicauth:bob")


class Counted(MemoryPermission):
    """Permissions that count what they are asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def check(self, *arguments: Any, **options: Any) -> bool:
        self.asked.append("check")
        return super().check(*arguments, **options)

    def principals_of(self, *arguments: Any, **options: Any) -> frozenset[str]:
        self.asked.append("principals_of")
        return super().principals_of(*arguments, **options)


@pytest.fixture
def permission() -> Counted:
    return Counted()


def judge(permission: Counted, **settings: Sequence[str]) -> Judge:
    tree = Tree()
    for kind in (Kind("shelf", ("read", "write", "book:create")), Kind("book", under="shelf"), Kind("team")):
        tree.add(kind)
    return Judge(tree, permission, settings)


# Who


def test_nobody_in_particular_is_everybody() -> None:
    assert NOBODY.principals == {"system.Everyone"}
    assert NOBODY.user_id is None
    assert NOBODY.name == "system.Everyone"


def test_a_user_is_also_somebody_and_everybody() -> None:
    assert ALICE.principals == {"basicauth:alice", "system.Authenticated", "system.Everyone"}
    assert ALICE.name == "basicauth:alice"


# ACEs


@pytest.mark.parametrize("principal", ["basicauth:alice", "system.Authenticated", "system.Everyone", GROUP])
def test_an_ace_counts_through_any_of_ones_principals(permission: Counted, principal: str) -> None:
    permission.add_member(GROUP, "basicauth:alice")
    permission.grant(BOOK.uri, "read", principal)
    found = judge(permission)
    assert found.allowed(ALICE, [SHELF, BOOK], "read")
    assert not found.allowed(ALICE, [SHELF, BOOK], "write")
    assert found.allowed(NOBODY, [SHELF, BOOK], "read") is (principal == "system.Everyone")
    assert found.allowed(BOB, [SHELF, BOOK], "read") is principal.startswith("system.")


@pytest.mark.parametrize(
    ("stored", "on", "wanted", "expected"),
    [
        ("write", SHELF, "read", True),
        ("write", SHELF, "write", True),
        ("write", SHELF, "book:create", True),
        ("read", SHELF, "read", True),
        ("read", SHELF, "write", False),
        ("read", SHELF, "book:create", False),
        ("book:create", SHELF, "read", False),
        ("book:create", SHELF, "read:attributes", True),
        ("book:create", SHELF, "write", False),
        ("read", BOOK, "read", False),
        ("write", BOOK, "write", False),
    ],
)
def test_what_is_below_gives_nothing_above(
    permission: Counted, stored: str, on: Level, wanted: str, expected: bool
) -> None:
    permission.grant(on.uri, stored, ALICE.name)
    assert judge(permission).allowed(ALICE, [SHELF], wanted) is expected


@pytest.mark.parametrize(("stored", "wanted", "expected"), [
    ("write", "write", True), ("write", "read", True), ("read", "read", True), ("read", "write", False),
    ("book:create", "read", False), ("book:create", "read:attributes", False),
])  # fmt: skip
def test_what_is_above_is_inherited(permission: Counted, stored: str, wanted: str, expected: bool) -> None:
    permission.grant(SHELF.uri, stored, ALICE.name)
    assert judge(permission).allowed(ALICE, [SHELF, BOOK], wanted) is expected


def test_what_is_beside_gives_nothing(permission: Counted) -> None:
    for uri in ("/shelves/s-", "/shelves/s/books/b2", "/shelves/s/books", "/shelves", "/"):
        permission.grant(uri, "write", ALICE.name)
    assert not judge(permission).allowed(ALICE, [SHELF, BOOK], "read")


def test_an_unknown_permission_or_resource_is_granted_by_nothing(permission: Counted) -> None:
    permission.grant(SHELF.uri, "write", ALICE.name)
    found = judge(permission)
    assert not found.allowed(ALICE, [SHELF], "burn")
    assert not found.allowed(ALICE, [Level("nothing", SHELF.uri)], "read")
    assert not found.allowed(ALICE, [], "burn")


def test_a_question_is_one_statement(permission: Counted) -> None:
    found = judge(permission, shelf_read_principals=["basicauth:bob"])
    assert not found.allowed(ALICE, [SHELF, BOOK], "read")
    assert permission.asked == ["check"]
    permission.asked.clear()
    assert found.allowed(BOB, [SHELF, BOOK], "read")
    assert permission.asked == []


def test_a_transaction_decides_by_what_it_wrote(permission: Counted) -> None:
    found = judge(permission, shelf_write_principals=[GROUP])
    with Transaction() as transaction:
        permission.grant(BOOK.uri, "read", ALICE.name, transaction=transaction)
        permission.add_member(GROUP, BOB.name, transaction=transaction)
        for who, permission_name in ((ALICE, "read"), (BOB, "write")):
            assert found.allowed(who, [SHELF, BOOK], permission_name, transaction=transaction)
            assert not found.allowed(who, [SHELF, BOOK], permission_name)
        assert found.accessible(ALICE, "/shelves/s/books", ["read"], transaction=transaction) == {"b"}
        assert found.groups_of(BOB, transaction=transaction) == {GROUP}


# Settings


def test_a_setting_counts_as_if_it_were_stored_on_every_object(permission: Counted) -> None:
    by_shelf, by_book = (
        judge(permission, shelf_read_principals=[ALICE.name]),
        judge(permission, book_write_principals=[ALICE.name]),
    )
    assert by_shelf.allowed(ALICE, [SHELF], "read")
    assert by_shelf.allowed(ALICE, [SHELF, BOOK], "read")
    assert not by_shelf.allowed(ALICE, [SHELF, BOOK], "write")
    assert by_book.allowed(ALICE, [SHELF, BOOK], "read")
    assert not by_book.allowed(ALICE, [SHELF], "read")
    assert not by_book.allowed(BOB, [SHELF, BOOK], "read")


def test_a_setting_for_creation_is_about_the_parents(permission: Counted) -> None:
    found = judge(permission, book_create_principals=[ALICE.name], shelf_create_principals=["system.Everyone"])
    assert found.allowed(ALICE, [SHELF], "book:create")
    assert found.allowed(ALICE, [SHELF], "read:attributes")
    assert not found.allowed(ALICE, [SHELF], "read")
    assert found.allowed(NOBODY, [], "shelf:create")
    assert not found.allowed(NOBODY, [], "team:create")


def test_aces_at_the_root_mean_nothing(permission: Counted) -> None:
    for uri in ("", "/"):
        permission.grant(uri, "shelf:create", ALICE.name)
    assert not judge(permission).allowed(ALICE, [], "shelf:create")
    assert permission.asked == []


def test_a_setting_may_name_a_group(permission: Counted) -> None:
    permission.add_member(GROUP, ALICE.name)
    found = judge(permission, shelf_write_principals=["basicauth:carol", GROUP])
    assert found.allowed(ALICE, [SHELF, BOOK], "write")
    assert permission.asked == ["check"]
    assert not found.allowed(BOB, [SHELF, BOOK], "write")
    assert not found.allowed(NOBODY, [SHELF, BOOK], "write")
    assert permission.asked == ["check"] * 3


def test_what_is_enough_is_known_without_a_question(permission: Counted) -> None:
    found = judge(permission, shelf_write_principals=[BOB.name, GROUP])
    assert found.by_setting(NOBODY, "shelf", "write") == Grounds()
    assert found.by_setting(ALICE, "shelf", "write") == Grounds(groups=frozenset({GROUP}))
    assert found.by_setting(BOB, "shelf", "write").given
    assert found.grounds(ALICE, [SHELF], "write") == Grounds(((SHELF.uri, "write"),), frozenset({GROUP}))
    assert not found.grants(ALICE, Grounds())
    assert found.grants(BOB, Grounds(given=True))
    assert permission.asked == []


def test_settings_have_names_that_follow_from_what_they_grant() -> None:
    assert setting_of(Granter("shelf", "read")) == "shelf_read_principals"
    assert setting_of(Granter(ROOT, "shelf:create")) == "shelf_create_principals"
    assert settings_principals({"a_read_principals": ["x"], "a_read_enabled": True, "b_cache_expires_seconds": 3}) == {
        "a_read_principals": ("x",)
    }


# Lists


def test_only_direct_permissions_make_an_object_accessible(permission: Counted) -> None:
    permission.add_member(GROUP, ALICE.name)
    permission.grant(SHELF.uri, "write", ALICE.name)
    permission.grant(BOOK.uri, "read", GROUP)
    permission.grant("/shelves/s/books/c", "write", BOB.name)
    permission.grant("/shelves/s/books/d/pages/p", "read", ALICE.name)
    found = judge(permission)
    assert found.accessible(ALICE, "/shelves/s/books", ["read", "write"]) == {"b"}
    assert found.accessible(ALICE, "/shelves/s/books", ["write"]) == frozenset()
    assert found.accessible(ALICE, "/shelves", ["read", "write"]) == {"s"}
    assert found.accessible(NOBODY, "/shelves/s/books", ["read", "write"]) == frozenset()


# Explanations


def test_a_decision_is_allowed_when_there_is_a_reason() -> None:
    assert not Decision().allowed
    assert Decision(("a reason",)).allowed


def test_every_reason_is_told(permission: Counted) -> None:
    permission.add_member(GROUP, ALICE.name)
    permission.replace(SHELF.uri, {"write": [GROUP, BOB.name], "read": ["system.Everyone"]})
    permission.replace(BOOK.uri, {"read": [ALICE.name]})
    found = judge(permission, shelf_read_principals=["system.Authenticated", BOB.name], book_write_principals=[GROUP])
    assert found.explain(ALICE, [SHELF, BOOK], "read").because == (
        f"the setting book_write_principals, which names {GROUP}",
        "the setting shelf_read_principals, which names system.Authenticated",
        "`read` on /shelves/s for system.Everyone",
        f"`write` on /shelves/s through group {GROUP}",
        "`read` on /shelves/s/books/b for basicauth:alice",
    )
    assert found.explain(NOBODY, [SHELF, BOOK], "read").because == ("`read` on /shelves/s for system.Everyone",)
    assert found.explain(NOBODY, [SHELF, BOOK], "write") == Decision()
    assert found.explain(NOBODY, [], "shelf:create") == Decision()


def test_explanations_and_decisions_agree(permission: Counted) -> None:
    permission.add_member(GROUP, ALICE.name)
    permission.replace(SHELF.uri, {"write": [GROUP], "book:create": ["system.Authenticated"]})
    permission.replace(BOOK.uri, {"read": ["system.Everyone"]})
    found = judge(permission, shelf_create_principals=[BOB.name], team_read_principals=[GROUP])
    for who in (ALICE, BOB, NOBODY):
        for levels in ([], [SHELF], [SHELF, BOOK], [Level("team", "/teams/t")]):
            for name in ("read", "write", "read:attributes", "book:create", "shelf:create"):
                assert found.explain(who, levels, name).allowed is found.allowed(who, levels, name), (levels, name)
