"""The permissions of records: kept with them, shown to their writers, and gone with them."""

from __future__ import annotations

from typing import Any

import pytest

from cliquet.database.transaction import Transaction
from cliquet.errors import NotAllowed, RecordNotFound
from cliquet.model.access import Kind, Level, Tree
from cliquet.model.judge import NOBODY, Judge, Who
from cliquet.model.sharing import NotShared, Shared, Sharing
from cliquet.permission.memory import MemoryPermission
from cliquet.storage.base import Document, Scope
from cliquet.storage.memory import MemoryStorage

ALICE, BOB = Who.user("basicauth:alice"), Who.user("basicauth:bob")
SHELF = Level("shelf", "/shelves/s")
BOOKS, GROUP = "/shelves/s/books", "/shelves/s/teams/t"


@pytest.fixture
def permission() -> MemoryPermission:
    return MemoryPermission()


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage(clock=lambda: 1000)


@pytest.fixture
def judge(permission: MemoryPermission) -> Judge:
    tree = Tree()
    tree.add(Kind("shelf", ("read", "write", "book:create"), segment="shelves"))
    for name in ("book", "team"):
        tree.add(Kind(name, under="shelf", segment=f"{name}s"))
    tree.add(Kind("page", under="book", segment="pages"))
    return Judge(tree, permission)


def books(judge: Judge, storage: MemoryStorage, who: Who = ALICE, **options: Any) -> Shared:
    return Shared(judge, storage, judge.tree.kinds["book"], who, BOOKS, above=(SHELF,), **options)


def shelves(judge: Judge, storage: MemoryStorage, who: Who = ALICE, **options: Any) -> Shared:
    return Shared(judge, storage, judge.tree.kinds["shelf"], who, "/shelves", **options)


def teams(judge: Judge, storage: MemoryStorage) -> Shared:
    return Shared(
        judge, storage, judge.tree.kinds["team"], ALICE, "/shelves/s/teams", above=(SHELF,), members="members"
    )


def document(**fields: Any) -> Document:
    return Document.make("b", 1000, fields)


def stored(permission: MemoryPermission, uri: str = f"{BOOKS}/b") -> dict[str, set[str]]:
    return {name: set(who) for name, who in permission.permissions_of(uri)[uri].items()}


# May they?


def test_who_may_not_is_named(judge: Judge, storage: MemoryStorage, permission: MemoryPermission) -> None:
    permission.grant(SHELF.uri, "read", BOB.name)
    shared = books(judge, storage, BOB)
    shared.check("read", "b")
    with pytest.raises(NotAllowed, match="basicauth:bob"):
        shared.check("write", "b")
    with pytest.raises(NotAllowed, match=r"system\.Everyone"):
        books(judge, storage, NOBODY).check_create()


def test_a_record_alone_is_not_the_list(judge: Judge, storage: MemoryStorage, permission: MemoryPermission) -> None:
    permission.grant(f"{BOOKS}/b", "read", BOB.name)
    shared = books(judge, storage, BOB)
    assert shared.may("read", "b")
    assert not shared.may("read", "c")
    assert not shared.may_list("read")
    assert shared.accessible(["read"]) == {"b"}


def test_a_list_at_the_root_is_read_by_a_setting_alone(
    judge: Judge, storage: MemoryStorage, permission: MemoryPermission
) -> None:
    assert not shelves(judge, storage).may_list("read")
    named = Judge(judge.tree, permission, {"shelf_write_principals": (ALICE.name,)})
    assert shelves(named, storage).may_list("read")
    assert not shelves(named, storage, BOB).may_list("read")


def test_what_was_asked_once_is_not_asked_again(
    judge: Judge, storage: MemoryStorage, permission: MemoryPermission
) -> None:
    permission.grant(SHELF.uri, "write", ALICE.name)
    shared = books(judge, storage)
    assert shared.may("write", "b")
    assert shared.may_create()
    permission.flush()
    assert shared.may("write", "b")
    assert shared.within(None).may_create()
    assert not shared.may("write", "c")
    assert not books(judge, storage).may("write", "b")


def test_a_missing_parent_is_named(judge: Judge, storage: MemoryStorage) -> None:
    with pytest.raises(RecordNotFound) as missing:
        books(judge, storage).check_parent()
    assert (missing.value.record_id, missing.value.resource, missing.value.parent) == ("s", "shelf", True)
    storage.create(Scope("shelf", ""), {"id": "s"})
    books(judge, storage).check_parent()
    shelves(judge, storage).check_parent()


# What is kept


def test_who_creates_may_write(judge: Judge, storage: MemoryStorage, permission: MemoryPermission) -> None:
    kept = books(judge, storage).created(document(), {"read": frozenset({BOB.name}), "write": frozenset()})
    assert kept == stored(permission) == {"read": {BOB.name}, "write": {ALICE.name}}
    assert books(judge, storage, NOBODY).created(document(), None) == {"write": {"system.Everyone"}}


def test_a_record_may_belong_to_somebody_else(
    judge: Judge, storage: MemoryStorage, permission: MemoryPermission
) -> None:
    books(judge, storage, owner=lambda record_id: f"account:{record_id}").created(document(), None)
    assert stored(permission) == {"write": {"account:b"}}


@pytest.mark.parametrize("explicit", [False, True])
def test_who_changes_becomes_a_writer_where_that_is_wanted(
    judge: Judge, storage: MemoryStorage, permission: MemoryPermission, explicit: bool
) -> None:
    permission.replace(f"{BOOKS}/b", {"write": [ALICE.name]})
    kept = books(judge, storage, BOB, explicit=explicit).changed(document(), None)
    assert kept == stored(permission) == {"write": {ALICE.name, BOB.name} if explicit else {ALICE.name}}


def test_what_is_not_named_is_emptied(judge: Judge, storage: MemoryStorage, permission: MemoryPermission) -> None:
    permission.replace(f"{BOOKS}/b", {"write": [ALICE.name], "read": [BOB.name]})
    kept = books(judge, storage).changed(document(), {"read": frozenset({"carol"}), "write": frozenset()})
    assert kept == stored(permission) == {"read": {"carol"}}


def test_nothing_is_kept_before_the_transaction_is(
    judge: Judge, storage: MemoryStorage, permission: MemoryPermission
) -> None:
    transaction = Transaction()
    shared = books(judge, storage).within(transaction)
    shared.created(document(), None)
    assert shared.stored("b") == {"write": {ALICE.name}}
    transaction.rollback()
    assert stored(permission) == {}


# What is shown


def test_permissions_are_shown_to_direct_writers(
    judge: Judge, storage: MemoryStorage, permission: MemoryPermission
) -> None:
    permission.add_member(GROUP, BOB.name)
    permission.grant(SHELF.uri, "write", "basicauth:carol")
    permissions = {"read": frozenset({"z", "a"}), "write": frozenset({ALICE.name, GROUP}), "x": frozenset[str]()}
    permission.replace(books(judge, storage, ALICE).uri("x"), permissions)
    shown = {"read": ["a", "z"], "write": [GROUP, ALICE.name]}
    assert books(judge, storage, ALICE).shown("x", permissions) == shown
    assert books(judge, storage, BOB).shown("x", permissions) == shown
    for other in (NOBODY, Who.user("basicauth:carol")):
        assert books(judge, storage, other).shown("x", permissions) == {}
    assert books(judge, storage, NOBODY).shown("x", {"write": frozenset({"system.Everyone"})}) != {}
    assert books(judge, storage, BOB).shown("x", {"read": frozenset({BOB.name})}) == {}


# Groups


def test_members_follow_the_record(judge: Judge, storage: MemoryStorage, permission: MemoryPermission) -> None:
    shared = teams(judge, storage)
    shared.created(Document.make("t", 1000, {"members": ["alice", "bob"]}), None)
    assert permission.principals_of("bob") == {GROUP}
    shared.changed(Document.make("t", 1001, {"members": ["alice"]}), None)
    assert permission.principals_of("bob") == frozenset()
    shared.changed(Document.make("t", 1002, {}), None)
    assert permission.principals_of("alice") == frozenset()


def test_a_group_that_is_gone_grants_nothing(
    judge: Judge, storage: MemoryStorage, permission: MemoryPermission
) -> None:
    shared = teams(judge, storage)
    shared.created(Document.make("t", 1000, {"members": ["alice"]}), None)
    permission.grant(f"{BOOKS}/b", "read", GROUP)
    assert shared.gone([Document.make("t", 1000, {})]) == []
    assert permission.principals_of("alice") == frozenset()
    assert stored(permission) == stored(permission, GROUP) == {}


# What is gone


def test_everything_below_goes_and_is_told(judge: Judge, storage: MemoryStorage, permission: MemoryPermission) -> None:
    places = {
        "/shelves/s": Scope("shelf", ""),
        f"{BOOKS}/b": Scope("book", "/shelves/s"),
        f"{BOOKS}/b/pages/p": Scope("page", f"{BOOKS}/b"),
        GROUP: Scope("team", "/shelves/s"),
        "/shelves/s-": Scope("shelf", ""),
        "/shelves/s-/books/b": Scope("book", "/shelves/s-"),
    }
    for uri, scope in places.items():
        storage.create(scope, {"id": uri.rpartition("/")[2]})
        permission.grant(uri, "read", "alice")
    permission.add_member(GROUP, "alice")
    with Transaction() as transaction:
        shared = shelves(judge, storage).within(transaction)
        below = shared.gone([storage.get(Scope("shelf", ""), "s")])
    assert sorted((change.uri, change.action, change.cascade) for change in below) == [
        (f"{BOOKS}/b", "delete", 1),
        (f"{BOOKS}/b/pages/p", "delete", 2),
        (GROUP, "delete", 1),
    ]
    assert all(change.new.deleted and change.old is not None for change in below)
    left = {uri for uri, _ in permission.objects_of(["alice"]).entries}
    assert left == {"/shelves/s-", "/shelves/s-/books/b"}
    assert permission.principals_of("alice") == frozenset()


def test_nothing_is_below_nothing(judge: Judge, storage: MemoryStorage, permission: MemoryPermission) -> None:
    permission.grant(f"{BOOKS}/b", "read", "alice")
    assert books(judge, storage).gone([]) == []
    assert stored(permission) == {"read": {"alice"}}


# Records that are not shared


def test_what_is_not_shared_is_for_everybody_who_got_there(storage: MemoryStorage) -> None:
    sharing: Sharing = NotShared("/notes")
    sharing.check("write", "x")
    sharing.check_create()
    sharing.check_parent()
    assert sharing.may("write", "x")
    assert sharing.only is None
    assert sharing.within(Transaction()) is sharing
    assert sharing.stored("x") == sharing.created(document(), None) == sharing.changed(document(), None) == {}
    assert sharing.gone([document()]) == []
    assert sharing.shown("x", {"write": frozenset({"alice"})}) is None
