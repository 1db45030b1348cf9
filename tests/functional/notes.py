"""A service whose records may have any fields: what the conformance kit cannot see on the reading list."""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator

import cliquet
from cliquet import resource


class Note(resource.UserResource):
    """Anything a user wants to keep."""

    schema = resource.Anything


def main(global_config: Any = None, **settings: Any) -> Any:
    """The WSGI application."""
    config = Configurator(settings=settings)
    cliquet.initialize(config, version="1.0", project_name="notes")
    config.add_resource(Note)
    return config.make_wsgi_app()
