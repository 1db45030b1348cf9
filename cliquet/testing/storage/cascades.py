"""The tests of cascades: everything below an object goes with it, and nothing else does."""

from __future__ import annotations

import pytest

from cliquet.database.transaction import Transaction
from cliquet.errors import HorizonPassed, RecordNotFound
from cliquet.protocol.query import Query
from cliquet.storage.base import Document, Edge, Head, Scope, Storage
from cliquet.testing.storage.base import START, Contract, ManualClock, following, ids

__all__ = ["CascadesContract"]

BUCKET = "/buckets/b"
EDGES = (
    Edge("collection", "", ""),
    Edge("group", "", ""),
    Edge("record", "collection", "collections"),
    Edge("attachment", "record", "records"),
)
BUCKETS = Scope("bucket", "")
COLLECTIONS, GROUPS = Scope("collection", BUCKET), Scope("group", BUCKET)
RECORDS = Scope("record", f"{BUCKET}/collections/c")
MORE = Scope("record", f"{BUCKET}/collections/d")
ATTACHMENTS = Scope("attachment", f"{RECORDS.parent}/records/r")
#: Names that a careless comparison takes for ``b``, or for what is below it.
LOOKALIKES = ("b", "B", "b0", "b_", "b%", "b.", "b+", "b*", "b b", "_", "%", ".", "..", "*", "+", "bb", "a", "é", "b\\")


def plant(storage: Storage, bucket: str = BUCKET, transaction: Transaction | None = None) -> list[Scope]:
    """Store records on three levels below a bucket; says in which scopes."""
    collections, records = Scope("collection", bucket), Scope("record", f"{bucket}/collections/c")
    planted = {
        collections: ("c", "d"),
        Scope("group", bucket): ("g",),
        records: ("r", "s"),
        Scope("record", f"{bucket}/collections/d"): ("r",),
        Scope("attachment", f"{records.parent}/records/r"): ("a",),
    }
    for scope, names in planted.items():
        for name in names:
            storage.create(scope, {"id": name, "url": name}, unique=("url",), transaction=transaction)
    return list(planted)


def found(storage: Storage, *scopes: Scope) -> dict[Scope, list[str]]:
    """The ids of all records and tombstones that there are."""
    pages = {scope: ids(storage.page(scope, Query(tombstones=True))) for scope in scopes}
    return {scope: sorted(names) for scope, names in pages.items() if names}


def places(gone: list[tuple[Scope, Document]]) -> list[tuple[str, str]]:
    """Resource and id of what was removed."""
    return [(scope.resource, document.id) for scope, document in gone]


class CascadesContract(Contract):
    """What is below an object can be removed at once."""

    def test_everything_below_goes_from_the_top_down(self, storage: Storage) -> None:
        storage.create(BUCKETS, {"id": "b"})
        scopes = plant(storage)
        gone = storage.delete_under(BUCKET, EDGES)
        assert found(storage, BUCKETS, *scopes) == {BUCKETS: ["b"]}
        assert [scope for scope, _ in gone] == [COLLECTIONS, COLLECTIONS, GROUPS, RECORDS, RECORDS, MORE, ATTACHMENTS]
        assert [document.id for _, document in gone] == ["c", "d", "g", "r", "s", "r", "a"]
        assert gone[2][1].data == {"id": "g", "last_modified": START, "url": "g"}

    def test_no_tombstone_is_left(self, storage: Storage) -> None:
        scopes = plant(storage)
        storage.delete(RECORDS, "s")
        storage.delete(MORE, "r")
        assert places(storage.delete_under(BUCKET, EDGES)) == [
            ("collection", "c"),
            ("collection", "d"),
            ("group", "g"),
            ("record", "r"),
            ("attachment", "a"),
        ]
        assert found(storage, *scopes) == {}
        with pytest.raises(RecordNotFound):
            storage.get(RECORDS, "s", tombstone=True)

    def test_ids_and_unique_values_are_free_again(self, storage: Storage) -> None:
        plant(storage)
        storage.delete_under(BUCKET, EDGES)
        scopes = plant(storage)
        assert storage.create(RECORDS, {"id": "new", "url": "x"}, unique=("url",)).data["url"] == "x"
        assert len(found(storage, *scopes)) == 5

    @pytest.mark.parametrize("name", LOOKALIKES)
    def test_what_is_below_another_object_stays(self, storage: Storage, name: str) -> None:
        with Transaction() as transaction:
            everything = {one: plant(storage, f"/buckets/{one}", transaction) for one in LOOKALIKES}
        storage.delete_under(f"/buckets/{name}", EDGES)
        assert found(storage, *everything[name]) == {}
        others = [scope for one, scopes in everything.items() if one != name for scope in scopes]
        assert list(found(storage, *others)) == others
        assert {storage.head(scope).horizon for scope in others} == {0}

    @pytest.mark.parametrize("name", LOOKALIKES)
    def test_a_cascade_may_begin_anywhere_in_the_tree(self, storage: Storage, name: str) -> None:
        scopes = {one: Scope("record", f"{BUCKET}/collections/{one}") for one in LOOKALIKES}
        for one, scope in scopes.items():
            storage.create(COLLECTIONS, {"id": one})
            storage.create(scope, {"id": one})
        gone = storage.delete_under(scopes[name].parent, [Edge("record", "", "")])
        assert places(gone) == [("record", name)]
        assert list(found(storage, *scopes.values())) == [scope for one, scope in scopes.items() if one != name]
        assert storage.count(COLLECTIONS, Query()).total == len(LOOKALIKES)

    def test_only_what_the_edges_lead_to_is_below(self, storage: Storage) -> None:
        plant(storage)
        elsewhere = [
            Scope("note", BUCKET),
            Scope("note", RECORDS.parent),
            Scope("record", BUCKET),
            Scope("record", f"{BUCKET}/.."),
            Scope("record", f"{BUCKET}/groups/g"),
            Scope("record", f"{BUCKET}/collections/nobody"),
            Scope("record", f"{RECORDS.parent}/"),
            Scope("record", f"{RECORDS.parent}/records/r"),
            Scope("collection", f"{BUCKET}/"),
            Scope("collection", RECORDS.parent),
        ]
        for scope in elsewhere:
            storage.create(scope, {"id": "x"})
        storage.delete_under(BUCKET, EDGES)
        assert list(found(storage, *elsewhere)) == elsewhere

    def test_what_is_below_a_record_that_was_deleted_alone_goes_too(self, storage: Storage) -> None:
        scopes = plant(storage)
        storage.delete(COLLECTIONS, "c")
        storage.delete(RECORDS, "r")
        storage.delete(RECORDS, "s")
        assert places(storage.delete_under(BUCKET, EDGES)) == [
            ("collection", "d"),
            ("group", "g"),
            ("record", "r"),
            ("attachment", "a"),
        ]
        assert found(storage, *scopes) == {}

    def test_there_is_no_limit(self, storage: Storage) -> None:
        with Transaction() as transaction:
            for number in range(40):
                storage.create(COLLECTIONS, {"id": f"c{number}"}, transaction=transaction)
                scope = Scope("record", f"{BUCKET}/collections/c{number}")
                for record in range(30):
                    storage.create(scope, {"id": f"r{record}"}, transaction=transaction)
        assert len(storage.delete_under(BUCKET, EDGES)) == 40 * 31
        assert storage.tally() == {}

    # Time.

    def test_the_time_of_an_emptied_scope_goes_on(self, storage: Storage, clock: ManualClock) -> None:
        plant(storage)
        storage.delete(MORE, "r")
        clock.now -= 1000
        storage.delete_under(BUCKET, EDGES)
        times = {COLLECTIONS: START + 2, GROUPS: START + 1, RECORDS: START + 2, MORE: START + 2, ATTACHMENTS: START + 1}
        assert {scope: storage.head(scope) for scope in times} == {scope: Head(at, at) for scope, at in times.items()}
        clock.now += 5000
        assert storage.create(COLLECTIONS, {"id": "c"}).last_modified == START + 4000
        storage.delete_under(BUCKET, EDGES)
        assert storage.head(COLLECTIONS) == Head(START + 4001, START + 4001)

    def test_who_followed_what_is_gone_has_to_start_over(self, storage: Storage) -> None:
        plant(storage)
        seen = storage.page(RECORDS, Query()).timestamp
        storage.delete_under(BUCKET, EDGES)
        with pytest.raises(HorizonPassed) as caught:
            storage.page(RECORDS, following(seen))
        page = storage.page(RECORDS, Query())
        assert (ids(page), page.timestamp) == ([], caught.value.horizon)
        storage.create(RECORDS, {"id": "new"})
        assert ids(storage.page(RECORDS, following(page.timestamp))) == ["new"]

    def test_a_scope_that_was_empty_does_not_move(self, storage: Storage) -> None:
        storage.create(COLLECTIONS, {"id": "c"})
        storage.create(GROUPS, {"id": "g"})
        storage.delete(GROUPS, "g")
        storage.purge(START + 1000, scope=GROUPS)
        before = storage.head(GROUPS)
        assert places(storage.delete_under(BUCKET, EDGES)) == [("collection", "c")]
        assert (storage.head(GROUPS), storage.head(RECORDS)) == (before, Head())
        assert storage.create(RECORDS, {"id": "r"}).last_modified == START

    def test_below_what_never_was_there_is_nothing(self, storage: Storage) -> None:
        for _ in range(2):
            assert storage.delete_under(BUCKET, EDGES) == []
            assert storage.delete_under(BUCKET, []) == []
            assert storage.head(COLLECTIONS) == Head()
        plant(storage)
        assert len(storage.delete_under(BUCKET, EDGES)) == 7
        heads = [storage.head(COLLECTIONS), storage.head(RECORDS)]
        assert storage.delete_under(BUCKET, EDGES) == []
        assert [storage.head(COLLECTIONS), storage.head(RECORDS)] == heads
