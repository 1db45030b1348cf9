"""The reference pages tell what the program has, all of it, and nothing else."""

from __future__ import annotations

import importlib
import re

import click
import pytest

from cliquet.cli import main
from cliquet.cli.main import COMMANDS as COMMAND_NAMES
from tests.functional.documented import ROOT

COMMANDS = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
API = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")


def section(command: str) -> str:
    """What the page says about a command."""
    found = re.search(rf"^## cliquet {command}\n(.*?)(?=^## |\Z)", COMMANDS, re.M | re.S)
    assert found, f"no section about cliquet {command}"
    return found[1]


def named(name: str) -> click.Command:
    found = main.get_command(click.Context(main), name)
    assert found is not None
    return found


def options(command: click.Command) -> list[click.Option]:
    return [parameter for parameter in command.params if isinstance(parameter, click.Option)]


def test_every_command_has_a_section() -> None:
    assert set(re.findall(r"^## cliquet (\S+)$", COMMANDS, re.M)) == set(COMMAND_NAMES)


@pytest.mark.parametrize("name", COMMAND_NAMES)
def test_a_command_says_what_its_help_says(name: str) -> None:
    command = named(name)
    text = " ".join(section(name).split())
    assert " ".join((command.help or "").split("\n\n")[0].split()).rstrip(".") in text
    for option in options(command):
        assert (option.help or "") in text, f"{option.opts[0]} of {name} is explained otherwise"
        if isinstance(option.default, str | int) and option.default != "" and not option.is_flag:
            assert f"({option.default})" in text


@pytest.mark.parametrize("name", COMMAND_NAMES)
def test_a_command_has_the_options_of_the_page(name: str) -> None:
    documented = re.findall(r"^\| `(--[a-z-]+)", section(name), re.M)
    assert documented == [option.opts[0] for option in options(named(name))]


def documented_members() -> list[tuple[str, str]]:
    """The modules of the page that name their members, and these."""
    found = re.findall(r"automodule:: (\S+)\n((?: +:.*\n)*)", API)
    chosen = [(module, re.search(r":members: (.+)", options)) for module, options in found]
    return [(module, name) for module, names in chosen if names for name in names[1].split(", ")]


@pytest.mark.parametrize(("module", "name"), documented_members())
def test_a_documented_name_exists(module: str, name: str) -> None:
    assert hasattr(importlib.import_module(module), name)
