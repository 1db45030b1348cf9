"""Loads the application that an INI file describes."""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import click
import plaster
from pyramid.config import global_registries

from cliquet.errors import ConfigurationError
from cliquet.web.components import Components, components

__all__ = ["Loaded", "load", "option"]

option = click.option(
    "--ini",
    envvar="CLIQUET_INI",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The INI file of the service; also CLIQUET_INI.",
)


class Loaded(NamedTuple):
    """An application, its parts, and the settings of its server."""

    app: Any
    parts: Components
    server: dict[str, str]


def load(path: Path, *, check: bool = True) -> Loaded:
    """The application in an INI file.

    :param check: whether it has to be ready to serve.
    :raises ConfigurationError: when it is no application of Cliquet, or not ready.
    """
    for folder in (str(path.parent.resolve()), os.getcwd()):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    loader = plaster.get_loader(str(path), protocols=["wsgi"])
    if "loggers" in loader.get_sections():
        loader.setup_logging()
    try:
        with _checking(check):
            app = loader.get_wsgi_app()
    except (LookupError, configparser.Error) as error:
        raise ConfigurationError(f"{path}: {error} (a % in a value is written %%)") from error
    return Loaded(app, components(global_registries.last), dict(loader.get_settings("server:main")))


@contextmanager
def _checking(wanted: bool) -> Iterator[None]:
    """An application that is loaded in the block checks itself, or does not."""
    name = "CLIQUET_CHECK_ON_START"
    before = os.environ.get(name)
    if not wanted:
        os.environ[name] = "false"
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = before
