"""What is made of measures: ratios, goals, tables, charts and pages."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import chart, report, table
from benchmarks.measure import Goal, Measure, Ratio
from benchmarks.report import Chapter
from benchmarks.table import Comparison

SVG = "{http://www.w3.org/2000/svg}"


def measure(server_ms: float, p99: float = 10.0, refused: int = 0) -> Measure:
    return Measure(500.0, 2.0, p99, server_ms, 0.25, 3.0, 2.0, refused)


OURS = [measure(0.75), measure(0.25, p99=20), measure(1.75)]
PEER = [measure(3.75, p99=50), measure(4.75, p99=20), measure(5.75, p99=30)]
GOALS = {"POST": Goal(3, 1), "hello & <bye>": Goal(20, 4)}


@pytest.fixture
def found() -> Comparison:
    """Ratios of CPU are 4, 10 and 3, those of p99 5, 1 and 3."""
    rounds = [{"POST": side, "hello & <bye>": side} for side in (OURS, PEER)]
    return Comparison("The store", dict(zip(["ours", "peer"], rounds, strict=True)), "peer", GOALS)


def test_a_ratio_is_the_median_of_pairs_that_were_measured_together(found: Comparison) -> None:
    assert found.ratio("ours", "POST") == Ratio(median=4, least=3, most=10)
    assert found.tail("ours", "POST") == Ratio(median=3, least=1, most=5)


def test_the_table_shows_medians_ratios_and_whether_goals_were_reached(found: Comparison) -> None:
    head, rule, reached, missed = table.markdown(found).splitlines()
    assert head == (
        "| workload | requests/s | p50 ms | p99 ms | server CPU ms | PostgreSQL CPU ms | statements "
        "| ours to peer: requests per CPU second | goal | ours to peer: p99 |"
    )
    assert rule.count("---") == head.count("|") - 1
    assert reached == (
        "| POST | 500 / 500 | 2.0 / 2.0 | 10.0 / 30.0 | 0.75 / 4.75 | 0.25 / 0.25 | 3.0 + 2.0 / 3.0 + 2.0 "
        "| **4.0x** (3.0x..10.0x) | 3x reached | 3.0x reached |"
    )
    assert missed.endswith("| **4.0x** (3.0x..10.0x) | 20x missed | 3.0x missed |")


def test_missed_goals_are_named(found: Comparison) -> None:
    assert found.missed() == [
        "hello & <bye>, ours: 4.00x requests per CPU second instead of 20x",
        "hello & <bye>, ours: 3.00x p99 instead of 4x",
    ]


def test_a_side_that_is_alone_is_compared_with_nothing() -> None:
    alone = Comparison("The list", {"ours": {"POST": OURS}}, postgresql=False)
    assert table.markdown(alone).splitlines()[-1] == "| POST | 500 | 2.0 | 10.0 | 0.75 |"
    assert alone.missed() == []


def test_collisions_of_writers_get_a_column_where_there_are_any() -> None:
    rounds = [measure(1, refused=7)]
    found = Comparison("The store", {"ours": {"POST": rounds}}, postgresql=False)
    assert table.markdown(found).splitlines()[0].endswith("| refused |")
    assert table.markdown(found).splitlines()[-1].endswith("| 7 |")


def test_a_chart_is_an_image_with_a_bar_for_each_ratio(found: Comparison) -> None:
    root = ElementTree.fromstring(chart.svg("A & B", "of <three> rounds", chart.bars(found)))
    assert root.tag == f"{SVG}svg"
    texts = [one.text for one in root.iter(f"{SVG}text")]
    assert {"A & B", "of <three> rounds", "POST", "hello & <bye>", "4x"} <= set(texts)
    bars = [(one.get("fill"), float(str(one.get("width")))) for one in root.iter(f"{SVG}rect")][1:]
    reached, missed = bars
    assert reached[0] != missed[0], "what is missed looks as what is reached"
    assert reached[1] == missed[1] > 0


def test_a_slower_side_has_a_bar_on_the_other_side_of_one() -> None:
    drawn = [chart.Bar("faster", Ratio(4, 3, 5), None), chart.Bar("slower", Ratio(0.25, 0.2, 0.3), None)]
    root = ElementTree.fromstring(chart.svg("", "", drawn))
    faster, slower = (one for one in list(root.iter(f"{SVG}rect"))[1:])
    end_of_slower = float(str(slower.get("x"))) + float(str(slower.get("width")))
    assert end_of_slower == pytest.approx(float(str(faster.get("x"))), abs=0.2)


def test_results_are_written_with_their_circumstances(found: Comparison, tmp_path: Path) -> None:
    text = report.write(tmp_path / "new", "peer", {"machine": "2 cores"}, [Chapter("sqlite", found)])
    assert (tmp_path / "new" / "peer.md").read_text() == text
    ElementTree.parse(tmp_path / "new" / "peer-sqlite.svg")
    assert "* machine: 2 cores" in text
    assert "### The store" in text
    assert "](peer-sqlite.svg)" in text
    assert table.markdown(found) in text


def test_the_machine_is_described() -> None:
    about = report.machine()
    assert list(about) == ["date", "machine", "system"]
    assert "cores" in about["machine"]
    assert "GiB" in about["machine"]
