"""What the README promises at first sight is true."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.functional.documented import ROOT, Reader, blocks, free_port

README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_example_runs_as_shown(tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("the commands of the README need curl, which is not installed")
    port = free_port()
    # What `make serve` does once its environment is there.
    serve = "cliquet start --ini {root}/examples/{app}/{app}.ini --port {port}"
    replaced = {
        "make serve APP=kinto": serve.format(root=ROOT, app="kinto", port=port),
        "make serve": serve.format(root=ROOT, app="readinglist", port=port),
        "localhost:8000": f"localhost:{port}",
    }
    reader = Reader(tmp_path, replaced)
    try:
        reader.follow(block for block in blocks("README.md") if block.heading == "See it run")
    finally:
        reader.close()


def test_make_serve_starts_the_example() -> None:
    assert "cliquet start --ini examples/$(APP)/$(APP).ini" in MAKEFILE
    assert re.search(r"^APP \?= readinglist$", MAKEFILE, re.M)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"make ([a-z]+)", README))))
def test_a_target_of_make_exists(target: str) -> None:
    assert re.search(rf"^{target}:", MAKEFILE, re.M)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^):]+)\)", README))))
def test_a_link_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


def test_the_python_of_the_readme_is_the_python_of_the_package() -> None:
    (version,) = re.findall(r"Python (3\.\d+) or later", README)
    assert f'python_requires=">={version}"' in (ROOT / "setup.py").read_text(encoding="utf-8")
