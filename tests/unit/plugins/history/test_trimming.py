"""When a history is trimmed, and of what."""

from __future__ import annotations

from typing import Any

import pytest

from cliquet.database.transaction import Transaction
from cliquet.plugins.history import trimming
from cliquet.plugins.history.options import DEFAULTS, Options, is_below, is_user
from cliquet.plugins.history.trimming import Trimmer
from cliquet.protocol.query import Query
from cliquet.protocol.timestamps import DAY
from cliquet.storage.base import Scope
from cliquet.storage.memory import MemoryStorage

SCOPE, OTHER = Scope("history", "/buckets/b"), Scope("history", "/buckets/other")
NOW = 1_700_000_000_000


class Counted(MemoryStorage):
    """A storage that counts how often it is trimmed."""

    def __init__(self) -> None:
        super().__init__(clock=lambda: self.now)
        self.now = NOW
        self.trims = 0

    def trim(self, *args: Any, **options: Any) -> int:
        self.trims += 1
        return super().trim(*args, **options)


@pytest.fixture
def storage() -> Counted:
    return Counted()


def write(storage: MemoryStorage, trimmer: Trimmer, *authors: str, scope: Scope = SCOPE, kept: bool = True) -> int:
    """Entries of a transaction; how many there are then."""
    with Transaction() as transaction, transaction.savepoint() as point:
        for number, author in enumerate(authors):
            name = f"{storage.head(scope).timestamp}-{number}"
            storage.create(scope, {"id": name, "user_id": author}, transaction=transaction)
        trimmer.trim(scope, authors, transaction)
        if not kept:
            point.undo()
    return storage.count(scope, Query()).total


def test_nothing_is_trimmed_when_everything_stays(storage: Counted) -> None:
    trimmer = Trimmer(storage, Options(auto_trim_user_ids=["alice"]))
    assert [write(storage, trimmer, "alice") for _ in range(5)] == [1, 2, 3, 4, 5]
    assert storage.trims == trimmer.trim_all([SCOPE]) == 0


def test_a_history_grows_by_the_threshold_between_two_trims(storage: Counted) -> None:
    trimmer = Trimmer(storage, Options(auto_trim_max_count=3, auto_trim_threshold=4))
    lengths = [write(storage, trimmer, "alice") for _ in range(20)]
    assert lengths == [1, 2, 3, 4, 5, 3, 4, 5, 6, 7, 3, 4, 5, 6, 7, 3, 4, 5, 6, 7]
    assert storage.trims == 4


def test_a_transaction_of_many_entries_counts_as_many(storage: Counted) -> None:
    trimmer = Trimmer(storage, Options(auto_trim_max_count=3, auto_trim_threshold=4))
    assert [write(storage, trimmer, *["alice"] * 4) for _ in range(3)] == [3, 7, 3]


def test_a_process_that_knows_nothing_trims_first(storage: Counted) -> None:
    write(storage, Trimmer(storage, Options()), *["alice"] * 9)
    options = Options(auto_trim_max_count=3, auto_trim_threshold=4)
    assert write(storage, Trimmer(storage, options), "alice") == 3


def test_what_is_undone_does_not_count(storage: Counted) -> None:
    trimmer = Trimmer(storage, Options(auto_trim_max_count=2, auto_trim_threshold=2))
    write(storage, trimmer, "alice")
    for _ in range(9):
        assert write(storage, trimmer, "alice", kept=False) == 1
    assert storage.trims == 1
    assert [write(storage, trimmer, "alice") for _ in range(3)] == [2, 3, 2]


def test_histories_are_counted_apart(storage: Counted) -> None:
    trimmer = Trimmer(storage, Options(auto_trim_max_count=1, auto_trim_threshold=2))
    for _ in range(3):
        write(storage, trimmer, "alice")
    assert write(storage, trimmer, "alice", scope=OTHER) == 1
    assert storage.count(SCOPE, Query()).total == 3


def test_some_users_are_counted_apart(storage: Counted) -> None:
    options = Options(auto_trim_max_count=1, auto_trim_threshold=1, auto_trim_user_ids=["plugin:*", "bob"])
    trimmer = Trimmer(storage, options)
    for author in ("alice", "bob", "plugin:a", "plugin:b") * 4:
        write(storage, trimmer, author)
    left = [one.data["user_id"] for one in storage.page(SCOPE, Query()).documents]
    assert left.count("alice") == 4
    assert all(1 <= left.count(author) <= 2 for author in ("bob", "plugin:a", "plugin:b"))


def test_old_entries_go_by_themselves_and_when_somebody_asks(storage: Counted) -> None:
    options = Options(max_age_days=2, auto_trim_threshold=2)
    trimmer = Trimmer(storage, options)
    write(storage, trimmer, "alice")
    write(storage, trimmer, "alice", scope=OTHER)
    storage.now += 2 * DAY
    assert write(storage, trimmer, "alice") == 2
    storage.now += 1
    assert [write(storage, trimmer, "alice") for _ in range(2)] == [3, 3]
    assert trimmer.trim_all([SCOPE, OTHER]) == 1
    assert storage.count(OTHER, Query()).total == 0


def test_age_counts_for_all_and_number_for_some(storage: Counted) -> None:
    options = Options(max_age_days=1, auto_trim_max_count=1, auto_trim_threshold=1, auto_trim_user_ids=["bob"])
    trimmer = Trimmer(storage, options)
    write(storage, trimmer, "alice", "alice", "bob", "bob")
    assert storage.count(SCOPE, Query()).total == 3
    storage.now += DAY + 9
    assert write(storage, trimmer, "alice", "alice") == 2


def test_a_process_remembers_a_limited_number_of_histories(storage: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trimming, "REMEMBERED", 3)
    trimmer = Trimmer(storage, Options(auto_trim_max_count=1))
    for number in range(9):
        write(storage, trimmer, "alice", scope=Scope("history", str(number)))
    assert len(trimmer._since) <= 4


def test_the_defaults_keep_everything_of_everybody() -> None:
    options = Options.read(DEFAULTS)
    assert options == Options()
    assert options.most is None
    assert options.wants("/buckets/b", "alice")


@pytest.mark.parametrize(
    ("user_id", "patterns", "expected"),
    [
        ("plugin:a", ["plugin:*"], True),
        ("plugin:", ["plugin:*"], True),
        ("my-plugin:a", ["plugin:*"], False),
        ("account:bob", ["account:bo", "account:bobby"], False),
        ("account:bob", ["account:eve", "account:bob"], True),
        ("account:bob", ["*"], True),
        ("account:b*b", ["account:b*b"], True),
        ("account:bob", ["account:b*b"], False),
        ("", [], False),
    ],
)
def test_a_user_is_meant_by_name_or_by_how_the_name_begins(user_id: str, patterns: list[str], expected: bool) -> None:
    assert is_user(user_id, patterns) is expected


@pytest.mark.parametrize("look_alike", ["/buckets/b_", "/buckets/b.c", "/buckets", "/buckets/a", "/buckets/b2/x"])
def test_a_path_is_not_below_one_that_only_looks_like_it(look_alike: str) -> None:
    assert not is_below(look_alike, ["/buckets/b"])
    assert is_below(f"{look_alike}/x", [look_alike])
