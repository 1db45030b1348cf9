"""``PYTHONPATH=examples python -m benchmarks.indexes``: what filters and sorts on declared fields cost among a million.

Each page is compared with a page of the same collection that is neither filtered nor sorted.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.database import PostgreSQL, start
from benchmarks.multitude import RECORDS, Multitude, opened
from benchmarks.rounds import Ask, Goal, markdown, measured
from cliquet.testing.servers import OwnedRun

__all__ = ["main"]

PAGE = f"{RECORDS}?_limit=100"
PLAIN = "neither filtered nor sorted"
FIELDS = ("number", "rank", "done", "tags")


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
    parser = argparse.ArgumentParser(prog="python -m benchmarks.indexes", description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000, help="records of the collection")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", nargs="*", default=["postgresql", "sqlite"], help="some of the databases")
    return parser.parse_args()


def _measure(kind: str, database: PostgreSQL, folder: Path, options: Any) -> str:
    with ExitStack() as stack:
        store = stack.enter_context(opened(kind, "indexed", options.records, 1, database, folder))
        began = time.perf_counter()
        steps = list(store.owner.storage.index({"record": FIELDS}))
        built = f"{'; '.join(steps)}; {time.perf_counter() - began:.0f} s in all"
        asks = _asks(options.records)
        label = f"{options.records} records"
        found = measured({label: store}, asks, options.rounds)
    goals = {name: Goal(2.0, PLAIN) for name in asks if name != PLAIN}
    return f"## {kind}, {options.rounds} rounds\n\n{built}\n\n{markdown(found, goals, label)}\n"


class _Page:
    """A page of a list; or the page after another one, whose address that one gave.

    :param parameters: of the list, or of the page before.
    :param count: how many records it has.
    :param deep: whether it is the page after the first one.
    """

    def __init__(self, parameters: str, count: int = 100, *, deep: bool = False) -> None:
        self._path = f"{PAGE}{parameters}"
        self._count = count
        self._deep = deep

    def __call__(self, store: Multitude) -> Any:
        if self._deep:
            self._path, self._deep = store.owner.get(self._path).headers["Next-Page"], False
        found = store.owner.get(self._path)
        assert len(found.json["data"]) == self._count, (self._path, len(found.json["data"]))
        return found


def _asks(records: int) -> dict[str, Ask]:
    middle = records // 2
    return {
        PLAIN: _Page(""),
        "equal to one": _Page(f"&number={middle}", 1),
        "equal to half of them": _Page("&done=true"),
        "equal to none": _Page("&done=maybe", 0),
        "range of 100": _Page(f"&min_number={middle}&lt_number={middle + 100}"),
        "range of 1 %": _Page(f"&min_number={middle}&lt_number={middle + records // 100}"),
        "range of 1 %, here and there": _Page(f"&min_rank={middle}&lt_rank={middle + records // 100}"),
        "range of a tenth, all of them old": _Page(f"&lt_number={records // 10}"),
        "range of half of them": _Page(f"&min_number={middle}&max_number={records}"),
        "sorted": _Page("&_sort=number"),
        "sorted, the next page": _Page("&_sort=number", deep=True),
        "sorted, descending": _Page("&_sort=-number"),
        "sorted by few values": _Page("&_sort=done"),
        "sorted by few values, the next page": _Page("&_sort=-done", deep=True),
        "range of half of them, sorted": _Page(f"&min_number={middle}&_sort=number"),
        "contains what 1 % have": _Page("&contains_tags=t7"),
        "contains what all have": _Page("&contains_tags=a"),
        "contains what nobody has": _Page("&contains_tags=z", 0),
    }


if __name__ == "__main__":
    sys.exit(main())
