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
        found = measured(stores, ASKS, options.rounds) | measured(stores, WHOLE, 1)
    goals = {name: Goal(2.0, LIST) for name in ASKS if name != LIST}
    return f"## {kind}, {options.rounds} rounds\n\n{markdown(found, goals, next(iter(stores)))}\n"


def _page(store: Multitude, path: str, count: int = 100) -> Any:
    response = store.reader.get(path)
    assert len(response.json["data"]) == count, (path, len(response.json["data"]))
    return response


class _Walk:
    """Each time the next page, and the first one again after the last."""

    def __init__(self) -> None:
        self._next: dict[int, str] = {}

    def __call__(self, store: Multitude) -> Any:
        response = store.reader.get(self._next.get(id(store), PAGE))
        self._next[id(store)] = response.headers.get("Next-Page", PAGE)
        return response


#: What the reader asks for that takes no longer than the list of records, which is the first.
ASKS: dict[str, Ask] = {
    LIST: lambda store: store.owner.get(f"{RECORDS}?_limit=100"),
    "first page": lambda store: _page(store, PAGE),
    "next page": _Walk(),
    "first page, of records": lambda store: _page(store, f"{PAGE}&resource_name=record"),
    "first page, of buckets": lambda store: _page(store, f"{PAGE}&resource_name=bucket", 0),
    "first page, the other way round": lambda store: _page(store, f"{PAGE}&_sort=uri"),
}
#: What all entries have to be looked at for; once, for information.
WHOLE: dict[str, Ask] = {
    "first page, by id": lambda store: _page(store, f"{PAGE}&_sort=id"),
    "first page, by permissions": lambda store: _page(store, f"{PAGE}&_sort=permissions"),
    "total": lambda store: store.reader.head("/v1/permissions"),
}


if __name__ == "__main__":
    sys.exit(main())
