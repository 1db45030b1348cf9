"""Every module says what is public, and what is public says what it is."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from types import ModuleType
from typing import Any

import pytest

import cliquet

MODULES = [module.name for module in pkgutil.walk_packages(cliquet.__path__, "cliquet.")]
#: Cases of the conformance kit and of migrations are read by tools, and imported by nobody.
PRIVATE = ("cliquet.testing", "cliquet.conformance.cases", "cliquet.conformance.tree", "cliquet.database.migrations")
#: What applications, plugins and tests of applications import.
USER_FACING = (
    "cliquet",
    "cliquet.cache.base",
    "cliquet.clock",
    "cliquet.database.transaction",
    "cliquet.errors",
    "cliquet.ids",
    "cliquet.model",
    "cliquet.model.change",
    "cliquet.model.judge",
    "cliquet.monitoring.metrics",
    "cliquet.permission.base",
    "cliquet.resource",
    "cliquet.schema",
    "cliquet.settings",
    "cliquet.storage",
    "cliquet.testing.app",
    "cliquet.testing.service",
    "cliquet.web.authentication",
    "cliquet.web.events",
    "cliquet.web.transactions",
)
DOCUMENTED = (
    "cliquet.protocol",
    "cliquet.settings",
    "cliquet.errors",
    "cliquet.storage",
    "cliquet.cache",
    "cliquet.permission",
    "cliquet.model",
    "cliquet.plugins",
)


def below(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def is_empty(module: ModuleType) -> bool:
    """Whether a package has nothing but modules, and so no names to publish."""
    return hasattr(module, "__path__") and not [
        name for name, value in vars(module).items() if not name.startswith("_") and not inspect.ismodule(value)
    ]


@pytest.mark.parametrize("name", [name for name in MODULES if not below(name, PRIVATE)])
def test_a_module_lists_its_public_names(name: str) -> None:
    module = importlib.import_module(name)
    if not is_empty(module):
        assert [each for each in module.__all__ if not hasattr(module, each)] == []
        assert len(set(module.__all__)) == len(module.__all__)


def public(name: str) -> dict[str, Any]:
    module = importlib.import_module(name)
    return {each: getattr(module, each) for each in getattr(module, "__all__", ())}


def described(name: str) -> dict[str, str]:
    """The docstrings of the functions and classes that a module publishes."""
    return {
        each: (value.__doc__ or "").strip()
        for each, value in public(name).items()
        if inspect.isclass(value) or inspect.isroutine(value)
    }


@pytest.mark.parametrize("name", ["cliquet.clock", "cliquet.ids", *(n for n in MODULES if below(n, DOCUMENTED))])
def test_what_is_public_has_a_docstring(name: str) -> None:
    assert [each for each, text in described(name).items() if not text] == []


@pytest.mark.parametrize("name", USER_FACING)
def test_every_public_name_of_the_user_facing_modules_has_an_example(name: str) -> None:
    assert [each for each, text in described(name).items() if ">>>" not in text] == []
