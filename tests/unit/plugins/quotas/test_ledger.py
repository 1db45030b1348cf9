"""What changes add to what is stored, compared with what is there before and afterwards."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from cliquet.model.access import Kind, Level, Tree, place
from cliquet.model.change import Change
from cliquet.plugins.quotas.ledger import Ledger
from cliquet.plugins.quotas.usage import Usage, size
from cliquet.storage.base import Document

KINDS = (
    Kind("shelf", segment="shelves"),
    Kind("book", under="shelf", segment="books"),
    Kind("page", under="book", segment="pages"),
)
TREE = Tree({kind.name: kind for kind in KINDS})
SHELF, BOOK, PAGE = "/shelves/s", "/shelves/s/books/b", "/shelves/s/books/b/pages/p"


def document(uri: str, length: int) -> Document:
    return Document.make(uri.rpartition("/")[2], 1000, {"text": "x" * length})


def change(uri: str, before: Document | None, after: Document | None) -> Change:
    kind = {2: "shelf", 4: "book", 6: "page"}[uri.count("/")]
    scope, record_id = place(TREE.levels(kind, uri))
    action = "create" if before is None else "delete" if after is None else "update"
    return Change(action, scope, uri, after or Document.tombstone(record_id, 1001), before)


def entered(*changes: Change) -> Ledger:
    ledger = Ledger({"shelf", "book"})
    for one in changes:
        ledger.enter(one, TREE.levels(one.scope.resource, one.uri))
    return ledger


def added(ledger: Ledger) -> dict[str, tuple[int, dict[str, int]]]:
    return {level.uri: (one.size, {**one.counts}) for level, one in ledger.added.items()}


def test_a_record_adds_to_all_above_it() -> None:
    new = document(PAGE, 10)
    assert added(entered(change(PAGE, None, new))) == {
        SHELF: (size(new), {"page": 1}),
        BOOK: (size(new), {"page": 1}),
    }


def test_an_update_adds_the_difference_and_no_record() -> None:
    assert added(entered(change(PAGE, document(PAGE, 10), document(PAGE, 7)))) == {SHELF: (-3, {}), BOOK: (-3, {})}
    assert added(entered(change(BOOK, document(BOOK, 10), document(BOOK, 17)))) == {SHELF: (7, {}), BOOK: (7, {})}


def test_what_is_made_and_gone_again_adds_nothing() -> None:
    ledger = entered(change(PAGE, None, document(PAGE, 10)), change(PAGE, document(PAGE, 10), None))
    assert {uri: (more, +Counter(counts)) for uri, (more, counts) in added(ledger).items()} == {
        SHELF: (0, Counter()),
        BOOK: (0, Counter()),
    }
    assert ledger.sizes == {}


def test_a_record_that_is_gone_takes_its_own_count_with_it() -> None:
    book, page = document(BOOK, 10), document(PAGE, 20)
    ledger = entered(change(BOOK, book, None), change(PAGE, page, None))
    assert added(ledger) == {SHELF: (-size(book) - size(page), {"book": -1, "page": -1})}
    assert ledger.gone == {Level("book", BOOK)}
    assert ledger.fresh == set()


def test_a_record_that_is_made_again_begins_with_nothing() -> None:
    book, page = document(BOOK, 10), document(PAGE, 20)
    ledger = entered(change(BOOK, book, None), change(PAGE, page, None), change(BOOK, None, book))
    assert added(ledger)[BOOK] == (size(book), {})
    assert ledger.fresh == {Level("book", BOOK)}
    assert ledger.gone == set()


def test_the_size_of_a_record_is_compared_with_what_it_was_at_first() -> None:
    first, second, third = (document(PAGE, length) for length in (10, 30, 20))
    ledger = entered(change(PAGE, first, second), change(PAGE, second, third))
    assert ledger.sizes == {TREE.levels("page", PAGE): (size(first), size(third))}


@pytest.mark.parametrize("seed", range(20))
def test_before_and_what_is_added_make_what_is_there_afterwards(seed: int) -> None:
    chance = random.Random(seed)
    there: dict[str, Document] = {SHELF: document(SHELF, 5)}
    _change_somehow(there, chance, 40)
    before = dict(there)
    ledger = entered(*_change_somehow(there, chance, 40))
    start, end = _count(before), _count(there)
    for level, more in ledger.added.items():
        begin = Usage() if level in ledger.fresh else start[level]
        total = begin + more
        assert (total.size, +total.counts) == (end[level].size, +end[level].counts)
    assert end.keys() - start.keys() <= ledger.fresh
    assert start.keys() - end.keys() == ledger.gone & start.keys()


def _change_somehow(there: dict[str, Document], chance: random.Random, number: int) -> list[Change]:
    """Some changes of books and pages, with what goes along."""
    made: list[Change] = []
    for _ in range(number):
        book = f"{SHELF}/books/{chance.randrange(3)}"
        uri = chance.choice([book, *[f"{book}/pages/{chance.randrange(4)}"] * 3])
        if uri != book and book not in there:
            continue
        if uri in there and chance.random() < 0.4:
            gone = [uri, *(one for one in there if one.startswith(f"{uri}/"))]
            made += [change(one, there.pop(one), None) for one in gone]
        else:
            new = document(uri, chance.randrange(50))
            made.append(change(uri, there.get(uri), new))
            there[uri] = new
    return made


def _count(there: dict[str, Document]) -> dict[Level, Usage]:
    """How much is where, counted one by one."""
    found: dict[Level, Usage] = {}
    for uri, one in there.items():
        kind = {2: "shelf", 4: "book", 6: "page"}[uri.count("/")]
        for level in TREE.levels(kind, uri):
            if level.resource != "page":
                found.setdefault(level, Usage()).add(size(one), kind, int(level.uri != uri))
    return found
