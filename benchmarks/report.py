"""Writes results: Markdown and charts, with the machine, the versions and the options they were found with."""

from __future__ import annotations

import datetime
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import chart, table
from benchmarks.interleaved import Side, Start
from benchmarks.table import Comparison

__all__ = ["Chapter", "machine", "write"]


@dataclass(frozen=True)
class Chapter:
    """One comparison, and what is said about it.

    :param name: of its chart's file.
    :param starts: sides whose start-up and memory are shown.
    :param limits: most seconds until the first answer, by side.
    """

    name: str
    found: Comparison
    starts: Sequence[Side] = ()
    limits: Mapping[str, float] | None = None


def write(folder: Path, name: str, about: Mapping[str, str], chapters: Sequence[Chapter]) -> str:
    """Write ``name.md`` and a chart for each chapter; says what the file says.

    :param about: the machine, the versions and the options.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = ["\n".join(f"* {what}: {value}" for what, value in about.items())]
    for one in chapters:
        parts.append(f"### {one.found.title}")
        if one.found.compared:
            image = f"{name}-{one.name}.svg"
            title = f"{one.found.title}: requests per CPU second"
            (folder / image).write_text(chart.svg(title, _subtitle(one.found), chart.bars(one.found)))
            parts.append(f"![{title}]({image})")
        parts += [_order(one.found), table.markdown(one.found), _starts(one), _missed(one.found)]
    text = "\n\n".join(part for part in parts if part) + "\n"
    (folder / f"{name}.md").write_text(text)
    return text


def machine() -> dict[str, str]:
    """Where this runs, and when."""
    names = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    memory = next(int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal"))
    cores = len(os.sched_getaffinity(0))
    return {
        "date": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC",
        "machine": f"{cores} cores, {names[0] if names else platform.machine()}, {memory / 2**20:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}, load {os.getloadavg()[1]:.1f}",
    }


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()


def _order(found: Comparison) -> str:
    """Whose the numbers in a cell are, and what it cost to ask."""
    costs = [one.generator_ms for side in found.sides.values() for many in side.values() for one in many]
    asked = f"The load generator took {statistics.median(costs):.2f} ms of CPU per request."
    return f"In each cell: {' / '.join(found.sides)}. {asked}" if len(found.sides) > 1 else asked


def _subtitle(found: Comparison) -> str:
    return f"{' and '.join(found.compared)}, compared with {found.base}; line: spread of the rounds, orange: goal"


def _missed(found: Comparison) -> str:
    if not found.goals:
        return ""
    missed = found.missed()
    return "Missed:\n\n" + "\n".join(f"* {one}" for one in missed) if missed else "Every goal was reached."


def _starts(chapter: Chapter) -> str:
    """How long each side takes to start, and how large a process of it is."""
    if not chapter.starts:
        return ""
    lines = ["| | first answer after | CPU until then | memory of a process |", "|---|---|---|---|"]
    for side in chapter.starts:
        best = min(side.starts)
        lines.append(f"| {side.name} | {_seconds(best, chapter, side)} | {best.cpu:.2f} s | {side.memory:.0f} MiB |")
    return "\n".join(lines)


def _seconds(best: Start, chapter: Chapter, side: Side) -> str:
    limit = (chapter.limits or {}).get(side.name)
    judged = "" if limit is None else f" (goal {limit:g} s: {'reached' if best.seconds < limit else 'missed'})"
    return f"{best.seconds:.2f} s{judged}"
