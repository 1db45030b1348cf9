"""The three things that are measured: ours beside the peer, ours beside the floor, and ours as data grows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from benchmarks import environments, floor, seeds, services
from benchmarks.bench import Bench
from benchmarks.interleaved import Side
from benchmarks.measure import Goal
from benchmarks.report import Chapter
from benchmarks.table import Comparison
from benchmarks.wire import Place
from benchmarks.workloads import BARE, FLOOR, HISTORY_GOAL, READING_LIST, STORE, WRITES

__all__ = ["MODES"]

#: Seconds until examples/kinto gives its first answer on SQLite, at most.
_SOON = 1.0
#: Requests per CPU second, as a share of the floor's.
_NEAR = 0.5
#: The same, as a share of what it is with little data.
_KEPT = 0.8
#: Users with buckets of their own: few, and many.
_OTHERS = (10, 100_000)


def peer(bench: Bench) -> list[Chapter]:
    """examples/kinto beside the newest released Kinto, and the reading list, on each backend."""
    found = [_beside_the_peer(bench, kind) for kind in bench.options.backend]
    if not (bench.options.history or (bench.options.only and not set(bench.options.only) & set(READING_LIST))):
        found += [_reading_list(bench, kind) for kind in bench.options.backend]
    return found


def _beside_the_peer(bench: Bench, kind: str) -> Chapter:
    url = bench.url(kind, "ours")
    plugins = {"includes": "cliquet.plugins.history"} if bench.options.history else {}
    service = services.kinto("ours", bench.ours, kind, url, **plugins, **dict(bench.options.setting))
    sides = [bench.side("ours", service, "ours", bench.seed(kind, url))]
    if kind != "sqlite" and not bench.options.alone:
        sides.append(_peer(bench, kind))
    bench.measure(sides, [*WRITES, "batch of 25"] if bench.options.history else list(STORE))
    # Goals are about PostgreSQL: in memory both look at all records.
    goals = {name: Goal(_wanted(bench, name), 1) for name in STORE if kind == "postgresql"}
    base = sides[1].name if len(sides) > 1 else ""
    limits = {"ours": _SOON} if kind == "sqlite" else {}
    title = f"examples/kinto{' with a history' if bench.options.history else ''} on {kind}"
    return Chapter(kind, _comparison(title, sides, kind, base, goals), sides, limits)


def _wanted(bench: Bench, workload: str) -> float | None:
    return HISTORY_GOAL if bench.options.history else STORE[workload].goal


def _peer(bench: Bench, kind: str) -> Side:
    url = bench.url(kind, "peer")
    plugins = {"includes": "kinto.plugins.history"} if bench.options.history else {}
    environment = environments.peer()
    service = services.the_peer("peer", environment, kind, url, **plugins)
    return bench.side(f"Kinto {environment.version('kinto')}", service, "peer", bench.seed(kind, url))


def _reading_list(bench: Bench, kind: str) -> Chapter:
    service = services.reading_list("list", bench.ours, kind, bench.url(kind, "list"), **dict(bench.options.setting))

    def fill(place: Place) -> Place:
        return seeds.reading_list(place, bench.options.connections)

    side = bench.side("ours", service, "list", fill)
    bench.measure([side], list(READING_LIST))
    return Chapter(f"list-{kind}", _comparison(f"examples/readinglist on {kind}", [side], kind), [side])


def beside_the_floor(bench: Bench) -> list[Chapter]:
    """examples/kinto beside bare views, on each database."""
    return [_beside_the_floor(bench, kind) for kind in bench.options.backend if kind != "memory"]


def _beside_the_floor(bench: Bench, kind: str) -> Chapter:
    url, below = bench.url(kind, "ours"), bench.url(kind, "floor")

    def fill(place: Place) -> Place:
        return place._replace(records=bench.options.records)

    floor.fill(kind, below, bench.options.records)
    service = services.kinto("ours", bench.ours, kind, url, **dict(bench.options.setting))
    bare = services.floor("floor", bench.ours, kind, below)
    sides = [bench.side("ours", service, "ours", bench.seed(kind, url)), bench.side("floor", bare, "floor", fill)]
    bench.measure(sides, BARE)
    goals = {name: Goal(_NEAR) for name in FLOOR}
    return Chapter(kind, _comparison(f"examples/kinto beside the floor, on {kind}", sides, kind, "floor", goals), sides)


def flat(bench: Bench) -> list[Chapter]:
    """examples/kinto with few and with many records, and with few and many other users."""
    return [_flat(bench, kind) for kind in bench.options.backend if kind != "memory"]


def _flat(bench: Bench, kind: str) -> Chapter:
    sides = []
    for name, shown, records, others in _sizes(bench.options.records, bench.options.most):
        url = bench.url(kind, name)
        service = services.kinto(name, bench.ours, kind, url, **dict(bench.options.setting))
        fill = bench.seed(kind, url, records=records, others=others)
        sides.append(bench.side(shown.replace("_", " "), service, name, fill))
    bench.measure(sides, list(STORE))
    goals = {name: Goal(_KEPT) for name in STORE}
    return Chapter(kind, _comparison(f"As data grows, on {kind}", sides, kind, sides[0].name, goals))


def _sizes(little: int, most: int) -> list[tuple[str, str, int, int]]:
    """The database, what tables call it, records in the collection, and other users."""
    few, many = _OTHERS
    large = ("large", f"{most:_} records", most, few)
    return [("small", f"{little:_} records", little, few), large, ("crowd", f"{many:_} users", little, many)]


def _comparison(
    title: str, sides: list[Side], kind: str, base: str = "", goals: Mapping[str, Goal] = MappingProxyType({})
) -> Comparison:
    rounds = {side.name: side.rounds for side in sides}
    return Comparison(title, rounds, base, goals if base else {}, kind == "postgresql")


#: By the name that the command line takes.
MODES: Mapping[str, Callable[[Bench], list[Chapter]]] = MappingProxyType(
    {"peer": peer, "floor": beside_the_floor, "flat": flat}
)
