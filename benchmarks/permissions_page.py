"""``python -m benchmarks.permissions_page``: what ``/permissions`` costs somebody with 100 000 ACEs.

Its first page is compared with an ordinary list of as many records on the same store.
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
from cliquet.testing.servers import OwnedRun

__all__ = ["main"]

PAGE = "/v1/permissions?_limit=100"
LIST = "list of 100 records"
#: "In the time of an ordinary list", and what two measurements of the same thing differ by.
MOST = 1.2


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
    parser = argparse.ArgumentParser(prog="python -m benchmarks.permissions_page", description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000, help="ACEs of the reader")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", nargs="*", default=["postgresql", "sqlite"], help="some of the databases")
    return parser.parse_args()


def _measure(kind: str, database: PostgreSQL, folder: Path, options: Any) -> str:
    with ExitStack() as stack:
        stores = {
            f"{shared} ACEs": stack.enter_context(
                opened(kind, f"aces_{shared}", options.entries, shared, database, folder)
            )
            for shared in (1000, options.entries)
        }
        for store in stores.values():
            _check(store)
        found = measured(stores, ASKS, options.rounds) | measured(stores, WHOLE, 1)
    goals = {name: Goal(MOST, LIST) for name in ASKS if name != LIST}
    return f"## {kind}, {options.rounds} rounds\n\n{markdown(found, goals, next(iter(stores)))}\n"


def _check(store: Multitude) -> None:
    """See that the pages are full, once: to read an answer takes time that is not the service's."""
    for name, ask in (ASKS | WHOLE).items():
        answer, many = ask(store), EXCEPTIONS.get(name, 100)
        assert len(answer.json["data"] if answer.body else ()) == many, (name, answer.body)


class _Walk:
    """Each time the next page, and the first one again after the last."""

    def __init__(self) -> None:
        self._next: dict[int, str] = {}

    def __call__(self, store: Multitude) -> Any:
        response = store.reader.get(self._next.get(id(store), PAGE))
        self._next[id(store)] = response.headers.get("Next-Page", PAGE)
        return response


#: How many entries those have that have not 100.
EXCEPTIONS = {"first page, of buckets": 0, "total": 0}
#: What the reader asks for that takes no longer than the list of records, which is the first.
ASKS: dict[str, Ask] = {
    LIST: lambda store: store.owner.get(f"{RECORDS}?_limit=100"),
    "first page": lambda store: store.reader.get(PAGE),
    "next page": _Walk(),
    "first page, of records": lambda store: store.reader.get(f"{PAGE}&resource_name=record"),
    "first page, of buckets": lambda store: store.reader.get(f"{PAGE}&resource_name=bucket"),
    "first page, the other way round": lambda store: store.reader.get(f"{PAGE}&_sort=uri"),
}
#: What all entries have to be looked at for; once, for information.
WHOLE: dict[str, Ask] = {
    "first page, by id": lambda store: store.reader.get(f"{PAGE}&_sort=id"),
    "first page, by permissions": lambda store: store.reader.get(f"{PAGE}&_sort=permissions"),
    "total": lambda store: store.reader.head("/v1/permissions"),
}


if __name__ == "__main__":
    sys.exit(main())
