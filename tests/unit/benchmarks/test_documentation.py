"""What the page about performance names is there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.__main__ import options
from benchmarks.modes import MODES
from cliquet.settings.table import rows

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "performance" / "index.md").read_text(encoding="utf-8")
RESULTS = ROOT / "docs" / "performance" / "results"
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
INCLUDED = re.findall(r"\{include\} results/(\S+)", PAGE)


def test_every_setting_of_the_page_is_one() -> None:
    named = set(re.findall(r"`((?:storage|permission|cache)_\w+|paginate_by)", PAGE))
    assert {"storage_pool_size", "storage_prepared_statements", "storage_synchronous"} <= named
    assert named <= {row.name for row in rows()}


@pytest.mark.parametrize("target", sorted(set(re.findall(r"make (bench[a-z-]*)", PAGE))))
def test_every_command_of_the_page_is_in_the_makefile(target: str) -> None:
    assert re.search(rf"^{target}:", MAKEFILE, re.M)


@pytest.mark.parametrize("arguments", re.findall(r'make bench\S* ARGS="([^"]*)"', PAGE))
def test_every_option_of_the_page_is_understood(arguments: str) -> None:
    options(shlex.split(arguments.replace("NAME=VALUE", "paginate_by=10")))


@pytest.mark.parametrize("name", INCLUDED)
def test_every_result_that_the_page_shows_has_its_charts(name: str) -> None:
    text = (RESULTS / name).read_text(encoding="utf-8")
    charts = re.findall(r"\]\((\S+\.svg)\)", text)
    assert charts, "a result without a chart"
    for chart in charts:
        ElementTree.parse(RESULTS / chart)


def test_every_mode_has_a_result_on_the_page() -> None:
    assert {f"{mode}.md" for mode in MODES} | {"peer-history.md"} == set(INCLUDED)
