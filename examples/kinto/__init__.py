"""A generic JSON store: buckets hold collections of records, and groups of users, all shared as their owners say."""

from typing import Any

from pyramid.config import Configurator

import cliquet

#: What this application prefers; an INI file or the environment may say otherwise.
DEFAULTS = {
    "http_api_version": "1.23",
    "bucket_create_principals": "system.Authenticated",
    "explicit_permissions": True,
    "retry_after_seconds": 3,
}


def main(global_config: Any = None, **settings: Any) -> Any:
    """The WSGI application."""
    config = Configurator(settings=settings)
    cliquet.initialize(config, version="1.0", project_name="kinto", default_settings=DEFAULTS)
    config.scan("kinto.views")
    return config.make_wsgi_app()
