"""``PYTHONPATH=examples python -m benchmarks.shared_listing``: what a list costs among a million records.

10 000 of them are shared with the reader, one by one. The list is compared with that of a collection that has no
others, and for information with one in which the same share of 10 000 records is shared.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.database import PostgreSQL, start
from benchmarks.multitude import RECORDS, Multitude, opened
from benchmarks.rounds import Ask, Goal, markdown, measured
from cliquet.testing.app import Client
from cliquet.testing.servers import OwnedRun

__all__ = ["main"]

PAGE = f"{RECORDS}?_limit=100"


def main() -> int:
    """Measure, and print a table for each database."""
    options = _options()
    run = OwnedRun.open()
    try:
        with tempfile.TemporaryDirectory() as folder:
            database = start(run)
            for kind in options.only:
                print(_measure(kind, database, Path(folder), options), flush=True)
    finally:
        run.close()
    return 0


def _options() -> Any:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shared_listing", description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000, help="records of the large collection")
    parser.add_argument("--shared", type=int, default=10_000, help="how many of them are shared with the reader")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", nargs="*", default=["postgresql", "sqlite"], help="some of the databases")
    return parser.parse_args()


def _measure(kind: str, database: PostgreSQL, folder: Path, options: Any) -> str:
    sizes = {
        "share": (options.shared, options.shared * options.shared // options.records),
        "small": (options.shared, options.shared),
        "large": (options.records, options.shared),
    }
    with ExitStack() as stack:
        stores = {
            f"{name} ({records} records, {shared} shared)": stack.enter_context(
                opened(kind, name, records, shared, database, folder)
            )
            for name, (records, shared) in sizes.items()
        }
        found = measured(stores, ASKS, options.rounds)
    base = list(stores)[1]
    return f"## {kind}, {options.rounds} rounds\n\n{markdown(found, dict.fromkeys(ASKS, Goal(2.0)), base)}\n"


def _page(person: Client, path: str, count: int) -> Any:
    response = person.get(path)
    assert len(response.json["data"]) == count, (path, len(response.json["data"]))
    return response


class _Second:
    """The page after the first one, whose address that one gave."""

    def __init__(self) -> None:
        self._known: dict[int, str] = {}

    def __call__(self, store: Multitude) -> Any:
        if id(store) not in self._known:
            self._known[id(store)] = store.reader.get(PAGE).headers.get("Next-Page", PAGE)
        return store.reader.get(self._known[id(store)])


def _poll(store: Multitude) -> Any:
    """What changed since nothing did."""
    newest = store.reader.head(RECORDS).headers["ETag"] if not store.marks else store.marks[0]
    store.marks[:] = [newest]
    return _page(store.reader, f"{RECORDS}?_since={newest}", 0)


#: What is asked for, and by whom: the owner may read everything, the member all records through a group.
ASKS: dict[str, Ask] = {
    "list of 100, owner": lambda store: _page(store.owner, PAGE, 100),
    "list of 100, member": lambda store: _page(store.member, PAGE, 100),
    "list of 100, shared one by one": lambda store: _page(store.reader, PAGE, 100),
    "the page after it": _Second(),
    "list of 100, sorted by a field": lambda store: _page(store.reader, f"{PAGE}&_sort=number", 100),
    "poll in vain, shared one by one": _poll,
    "total, shared one by one": lambda store: store.reader.head(RECORDS),
    "one record, shared": lambda store: store.reader.get(f"{RECORDS}/seed-{store.records}"),
}


if __name__ == "__main__":
    sys.exit(main())
