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
import plaster_pastedeploy
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
#: What INI files take for granted that ``pserve`` was started with.
_VARIABLES = {"http_port": "8000"}


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
    loader = _loader(path)
    _set_up_logging(loader, path)
    try:
        with _checking(check):
            app = loader.get_wsgi_app(defaults=_VARIABLES)
        server = loader.get_settings("server:main", _VARIABLES)
    except (LookupError, configparser.Error) as error:
        raise ConfigurationError(f"{path}: {error} (a % in a value is written %%)") from error
    return Loaded(app, components(global_registries.last), dict(server))


def _set_up_logging(loader: Any, path: Path) -> None:
    """The logging of the file; when it names what is not installed, the service's own does."""
    if "loggers" not in loader.get_sections():
        return
    try:
        loader.setup_logging(defaults=_VARIABLES)
    except (ImportError, AttributeError) as error:
        click.echo(f"Warning: The logging of {path} is not used: {error}.", err=True)


def _loader(path: Path) -> Any:
    """What reads the file: for an INI file known, and not looked for among all packages that are installed."""
    if path.suffix == ".ini":
        return plaster_pastedeploy.Loader(plaster.parse_uri(str(path)))
    return plaster.get_loader(str(path), protocols=["wsgi"])


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
