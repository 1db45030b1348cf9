"""A chart of ratios, as SVG: bars on a logarithmic axis, with the spread of the rounds and the goal."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from benchmarks.measure import Ratio
from benchmarks.table import Comparison

__all__ = ["Bar", "bars", "svg"]

_WIDTH, _LABELS, _VALUES, _ROW, _TOP = 800, 270, 70, 26, 64
_REACHED, _MISSED, _PLAIN, _INK, _GRID = "#2e7d32", "#c62828", "#1565c0", "#222222", "#dddddd"


class Bar(NamedTuple):
    """One ratio.

    :param goal: the least that it should be, if anything.
    """

    label: str
    ratio: Ratio
    goal: float | None


def bars(found: Comparison) -> list[Bar]:
    """The bars of a comparison."""
    several = len(found.compared) > 1
    return [
        Bar(f"{workload}, {side}" if several else workload, found.ratio(side, workload), goal.cpu if goal else None)
        for workload in found.workloads
        for goal in [found.goals.get(workload)]
        for side in found.compared
    ]


def svg(title: str, subtitle: str, drawn: Sequence[Bar]) -> str:
    """The chart; what is 1 is as fast as what it is compared with."""
    height = _TOP + _ROW * len(drawn) + 30
    axis = _Axis.around([one for bar in drawn for one in (*bar.ratio, bar.goal or 1.0, 1.0)])
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" '
        f'font-size="13" role="img" aria-label="{escape(title, {chr(34): "&quot;"})}">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(12, 24, title, size=16),
        _text(12, 44, subtitle, size=12),
        *axis.drawn(height),
        *(part for row, bar in enumerate(drawn) for part in _bar(axis, bar, _TOP + _ROW * row)),
    ]
    return "\n".join([*parts, "</svg>", ""])


class _Axis(NamedTuple):
    """From the least to the most, in powers of ten of a logarithm."""

    least: float
    most: float

    @classmethod
    def around(cls, values: Sequence[float]) -> _Axis:
        return cls(math.log10(min(values) / 1.2), math.log10(max(values) * 1.2))

    def x(self, value: float) -> float:
        share = (math.log10(value) - self.least) / (self.most - self.least)
        return _LABELS + share * (_WIDTH - _LABELS - _VALUES)

    def drawn(self, height: float) -> Iterator[str]:
        """Lines at round numbers, the one at 1 darker."""
        for exponent in range(math.floor(self.least), math.ceil(self.most) + 1):
            for digit in (1, 2, 5):
                value = digit * 10.0**exponent
                if self.least <= math.log10(value) <= self.most:
                    x, colour = self.x(value), _INK if value == 1 else _GRID
                    yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 6}" y2="{height - 26}" stroke="{colour}"/>'
                    yield _text(x, height - 10, f"{value:g}x", anchor="middle", size=11)


def _bar(axis: _Axis, bar: Bar, top: float) -> Iterator[str]:
    middle, from_, to = top + _ROW / 2, *sorted((axis.x(1), axis.x(bar.ratio.median)))
    colour = _PLAIN if bar.goal is None else _REACHED if bar.ratio.reaches(bar.goal) else _MISSED
    yield _text(_LABELS - 8, middle + 4, bar.label, anchor="end")
    yield f'<rect x="{from_:.1f}" y="{top + 4}" width="{to - from_:.1f}" height="{_ROW - 10}" fill="{colour}"/>'
    spread = f'x1="{axis.x(bar.ratio.least):.1f}" x2="{axis.x(bar.ratio.most):.1f}" y1="{middle - 1}" y2="{middle - 1}"'
    yield f'<line {spread} stroke="{_INK}" stroke-width="1.5"/>'
    if bar.goal is not None:
        goal = axis.x(bar.goal)
        yield f'<path d="M {goal:.1f} {top + 1} v {_ROW - 4}" stroke="#ef6c00" stroke-width="3"/>'
    yield _text(_WIDTH - 8, middle + 4, f"{bar.ratio.median:.3g}x", anchor="end")


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: int = 13) -> str:
    look = f'text-anchor="{anchor}" font-size="{size}" fill="{_INK}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(text)}</text>'
