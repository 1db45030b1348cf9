"""Whoever writes below an object and whoever deletes it meet at the locks: nothing is ever left below what is gone."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from threading import Event, Thread

import pytest

from cliquet.database.transaction import Transaction
from cliquet.errors import PreconditionFailed, RecordNotFound
from cliquet.protocol.query import Query
from cliquet.storage.base import Document, Edge, Scope, Storage
from tests.functional.history import Change, Write
from tests.functional.workload import Place, attempt, run

EDGES = (Edge("collection", "", ""), Edge("group", "", ""), Edge("record", "collection", "collections"))
BUCKETS = Scope("bucket", "")
COLLECTIONS = ("a", "b", "c", "d")
#: The collections in which there is a record when the race begins; nobody has written to the others.
WRITTEN = ("a", "b")
ROUNDS = 25
WRITERS = 3


def collections(bucket: str) -> Scope:
    return Scope("collection", f"/buckets/{bucket}")


def records(bucket: str, collection: str) -> Scope:
    return Scope("record", f"/buckets/{bucket}/collections/{collection}")


def lives(storage: Storage, scope: Scope, record_id: str, transaction: Transaction | None = None) -> bool:
    try:
        return not storage.get(scope, record_id, transaction=transaction).deleted
    except RecordNotFound:
        return False


def write(storage: Storage, bucket: str, names: list[str], record_id: str, transaction: Transaction) -> list[Change]:
    """Create a record in some collections, if they and the bucket are there: first the locks, then the look."""
    scopes = [records(bucket, name) for name in names]
    storage.lock(scopes, transaction=transaction)
    above = [(BUCKETS, bucket), *((collections(bucket), name) for name in names)]
    if not all(lives(storage, *one, transaction) for one in above):
        raise PreconditionFailed(None)
    return [change(scope, storage.create(scope, {"id": record_id}, transaction=transaction)) for scope in scopes]


def change(scope: Scope, document: Document) -> Change:
    return Change(scope, document.id, document.last_modified, document.deleted)


def delete(storage: Storage, scope: Scope, name: str, edges: Sequence[Edge], transaction: Transaction) -> list[Change]:
    """Delete a record and all that is below it, unless somebody else has."""
    try:
        tombstone = storage.delete(scope, name, transaction=transaction)
    except RecordNotFound:
        raise PreconditionFailed(None) from None
    below = f"/buckets/{name}" if scope == BUCKETS else f"{scope.parent}/collections/{name}"
    storage.delete_under(below, edges, transaction=transaction)
    return [change(scope, tombstone)]


def delete_bucket(storage: Storage, bucket: str, transaction: Transaction) -> list[Change]:
    return delete(storage, BUCKETS, bucket, EDGES, transaction)


def delete_collection(storage: Storage, bucket: str, name: str, transaction: Transaction) -> list[Change]:
    return delete(storage, collections(bucket), name, [Edge("record", "", "")], transaction)


# Processes.


def keep_writing(place: Place, process: int) -> list[Write]:
    """Write to the buckets, one after the other, each until it is gone."""
    storage, chance = place.open(process), random.Random(process)
    writes: list[Write] = []
    for number in range(ROUNDS):
        bucket, refused = str(number), 0
        while refused < 3 and lives(storage, BUCKETS, bucket):
            names = chance.sample(COLLECTIONS, chance.choice([1, 1, 2]))
            action = partial(write, storage, bucket, names, f"{process}-{len(writes)}")
            writes.append(attempt(process, action, bucket))
            refused += writes[-1].outcome != "ok"
    storage.close()
    return writes


def delete_one_by_one(place: Place, process: int) -> list[Write]:
    """Delete a collection of each bucket, then the bucket."""
    storage, chance = place.open(process), random.Random(process)
    writes = []
    for bucket in map(str, range(ROUNDS)):
        time.sleep(chance.uniform(0, 0.02))
        name = chance.choice(COLLECTIONS)
        writes.append(attempt(process, partial(delete_collection, storage, bucket, name), bucket))
        time.sleep(chance.uniform(0, 0.01))
        while lives(storage, BUCKETS, bucket):
            writes.append(attempt(process, partial(delete_bucket, storage, bucket), bucket))
    storage.close()
    return writes


def delete_collections(place: Place, process: int) -> list[Write]:
    """Delete collections of each bucket, while somebody else deletes the bucket."""
    storage, chance = place.open(process), random.Random(process)
    writes = []
    for bucket in map(str, range(ROUNDS)):
        while lives(storage, BUCKETS, bucket):
            action = partial(delete_collection, storage, bucket, chance.choice(COLLECTIONS))
            writes.append(attempt(process, action, bucket))
            time.sleep(chance.uniform(0, 0.01))
    storage.close()
    return writes


def prepare(storage: Storage) -> None:
    """Buckets with collections, some of which have a record."""
    with Transaction() as transaction:
        for bucket in map(str, range(ROUNDS)):
            storage.create(BUCKETS, {"id": bucket}, transaction=transaction)
            for name in COLLECTIONS:
                storage.create(collections(bucket), {"id": name}, transaction=transaction)
            for name in WRITTEN:
                storage.create(records(bucket, name), {"id": "first"}, transaction=transaction)


def orphans(storage: Storage) -> list[str]:
    """Records and collections that live below what does not."""
    found = []
    for bucket in map(str, range(ROUNDS)):
        there = {one.id for one in storage.page(collections(bucket), Query()).documents}
        if not lives(storage, BUCKETS, bucket):
            found += [f"collection {name} of bucket {bucket}" for name in there]
        for name in set(COLLECTIONS) - there:
            page = storage.page(records(bucket, name), Query())
            found += [f"record {one.id} of {records(bucket, name).parent}" for one in page.documents]
    return found


def race(url: str, *, careful: bool) -> tuple[list[str], list[Write]]:
    """The orphans that there are after everybody has written and deleted, and what was written.

    :param careful: whether writers take the locks of the scopes that they write to.
    """
    storage = Place(url).open()
    storage.migrate()
    prepare(storage)
    jobs = [(keep_writing, (Place(url, locked=careful), number)) for number in range(WRITERS)]
    jobs += [(delete_one_by_one, (Place(url), WRITERS)), (delete_collections, (Place(url), WRITERS + 1))]
    results = run(*jobs)
    found = orphans(storage)
    storage.close()
    return found, [one for result in results for one in result]


def test_no_orphan_is_left_and_nobody_waits_in_a_circle(url: str) -> None:
    found, history = race(url, careful=True)
    assert found == []
    assert [one.error for one in history if one.outcome == "info" or one.attempts > 1] == []
    written = [one for one in history if one.process < WRITERS and one.outcome == "ok"]
    assert len({one.subject for one in written}) > ROUNDS // 2
    assert len([one for one in history if one.process == WRITERS and one.changes]) >= ROUNDS


def test_control_without_the_locks_orphans_are_left(url: str) -> None:
    found, _ = race(url, careful=False)
    assert any("record" in orphan for orphan in found)


# The first writer of a scope.


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


def refused(storage: Storage, transaction: Transaction) -> None:
    with pytest.raises(PreconditionFailed):
        write(storage, "0", ["d"], "late", transaction)


@pytest.fixture
def storage(url: str) -> Storage:
    storage = Place(url).open()
    storage.migrate()
    prepare(storage)
    return storage


def test_who_is_first_to_write_to_a_scope_waits_for_the_cascade(storage: Storage) -> None:
    assert meet(partial(delete_bucket, storage, "0"), partial(refused, storage))
    assert not lives(storage, records("0", "d"), "late")
    storage.close()


def test_a_cascade_waits_for_who_is_first_to_write_to_a_scope(storage: Storage) -> None:
    assert meet(partial(write, storage, "0", ["d"], "early"), partial(delete_bucket, storage, "0"))
    assert not lives(storage, records("0", "d"), "early")
    assert storage.head(records("0", "d")).horizon > 0
    storage.close()


def test_control_a_cascade_that_locks_what_it_sees_leaves_an_orphan(postgresql_database: Callable[[], str]) -> None:
    storage = Place(postgresql_database()).open()
    storage.migrate()
    prepare(storage)

    def delete_what_there_is(transaction: Transaction) -> None:
        storage.delete(BUCKETS, "0", transaction=transaction)
        for scope in [records("0", name) for name in COLLECTIONS]:
            if storage.head(scope, transaction=transaction).timestamp:
                storage.delete_page(scope, Query(), transaction=transaction)
        storage.delete_page(collections("0"), Query(), transaction=transaction)

    assert not meet(delete_what_there_is, partial(write, storage, "0", ["d"], "late"))
    assert lives(storage, records("0", "d"), "late")
    storage.close()
