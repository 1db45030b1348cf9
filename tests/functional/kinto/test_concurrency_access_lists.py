"""Whoever deletes a parent takes the access lists and memberships of what is written below it meanwhile with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from threading import Event, Thread

import pytest

from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.transaction import Transaction
from cliquet.model import Model
from cliquet.model.access import Kind, Tree
from cliquet.model.judge import Judge, Who
from cliquet.model.sharing import Shared
from cliquet.permission.postgresql import PostgreSQLDialect as PermissionDialect
from cliquet.permission.sql.permission import SQLPermission
from cliquet.rest import write
from cliquet.rest.call import Call, Rules
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql.storage import SQLStorage

ALICE = Who.user("basicauth:alice")
KINDS = (
    Kind("bucket", ("read", "write", "collection:create"), segment="buckets"),
    Kind("group", under="bucket", segment="groups"),
    Kind("collection", ("read", "write", "record:create"), under="bucket", segment="collections"),
    Kind("record", under="collection", segment="records"),
)
BUCKET = "/buckets/b"
COLLECTION = f"{BUCKET}/collections/c"
OPEN = {"read": frozenset({"system.Everyone"})}


@dataclass(frozen=True)
class Store:
    """Records and their permissions in one database, as alice uses them."""

    storage: SQLStorage
    judge: Judge

    @property
    def permission(self) -> SQLPermission:
        found = self.judge.permission
        assert isinstance(found, SQLPermission)
        return found

    def place(self, name: str, parent: str, transaction: Transaction) -> tuple[Model, Shared]:
        """The records of a scope, and their permissions."""
        kind = self.judge.tree.kinds[name]
        above = self.judge.tree.levels(kind.under, parent) if parent else ()
        members = "members" if name == "group" else ""
        model = Model(self.storage, resource=name, parent=parent, transaction=transaction)
        path = f"{parent}/{kind.segment}"
        shared = Shared(self.judge, self.storage, kind, ALICE, path, above, members=members, transaction=transaction)
        return model, shared

    def put(self, name: str, parent: str, record_id: str, transaction: Transaction, **data: object) -> None:
        """Alice stores a record that everybody may read."""
        model, shared = self.place(name, parent, transaction)
        write.replace(model, Rules(), shared, Call(data=data, permissions=OPEN), record_id)

    def delete(self, name: str, parent: str, record_id: str, transaction: Transaction) -> None:
        """Alice deletes one."""
        write.delete(*self.place(name, parent, transaction), Call(), record_id)

    def within(self, work: Callable[[Transaction], object]) -> None:
        with Transaction() as transaction:
            work(transaction)

    def access(self, uri: str) -> object:
        """The access list of an object."""
        return self.permission.permissions_of(uri)[uri]


@pytest.fixture
def store(postgresql_database: Callable[[], str]) -> Iterator[Store]:
    database, tree = Database(postgresql_database(), PostgreSQL()), Tree()
    for kind in KINDS:
        tree.add(kind)
    settings = {"bucket_create_principals": (ALICE.name,)}
    judge = Judge(tree, SQLPermission(database, PermissionDialect()), settings)
    store = Store(SQLStorage(database, PostgreSQLDialect()), judge)
    store.storage.migrate()
    store.within(partial(store.put, "bucket", "", "b"))
    store.within(partial(store.put, "collection", BUCKET, "c"))
    store.within(partial(store.put, "record", COLLECTION, "first"))
    store.within(partial(store.put, "group", BUCKET, "first"))
    yield store
    store.storage.close()


def meet(first: Callable[[Transaction], object], second: Callable[[Transaction], object]) -> bool:
    """Do one thing, and another in the middle of it; says whether the second had to wait."""
    done = Event()

    def follow() -> None:
        with Transaction() as transaction:
            second(transaction)
        done.set()

    with Transaction() as transaction:
        first(transaction)
        thread = Thread(target=follow)
        thread.start()
        waited = not done.wait(0.5)
    thread.join(30)
    assert done.is_set()
    return waited


def test_no_access_list_of_a_record_that_was_written_meanwhile_is_left(store: Store) -> None:
    late = f"{COLLECTION}/records/late"
    assert meet(partial(store.put, "record", COLLECTION, "late"), partial(store.delete, "collection", BUCKET, "c"))
    assert store.access(late) == {}


def test_no_access_list_of_a_collection_that_was_shared_meanwhile_is_left(store: Store) -> None:
    assert meet(partial(store.put, "collection", BUCKET, "late"), partial(store.delete, "bucket", "", "b"))
    assert store.access(f"{BUCKET}/collections/late") == {}


def test_no_membership_of_a_group_that_was_written_meanwhile_is_left(store: Store) -> None:
    put = partial(store.put, "group", BUCKET, "late", members=["basicauth:bob"])
    assert meet(put, partial(store.delete, "bucket", "", "b"))
    assert store.permission.principals_of("basicauth:bob") == frozenset()


def test_who_deletes_and_who_shares_do_not_wait_in_a_circle(store: Store) -> None:
    first = f"{COLLECTION}/records/first"

    def share(transaction: Transaction) -> None:
        model, _ = store.place("record", COLLECTION, transaction)
        model.lock()
        began.set()
        deleting.wait(0.5)
        store.permission.replace(first, {"read": ["basicauth:bob"]}, transaction=transaction)

    began, deleting = Event(), Event()
    thread = Thread(target=store.within, args=(share,))
    thread.start()
    assert began.wait(30)
    store.within(partial(store.delete, "collection", BUCKET, "c"))
    thread.join(30)
    assert store.access(first) == {}
