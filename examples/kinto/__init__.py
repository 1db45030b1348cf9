"""A generic JSON store: buckets hold collections of records, and groups of users, all shared as their owners say."""

from typing import Any

from pyramid.config import Configurator

import cliquet
from kinto.settings import DEFAULTS, plugins, translated


def main(global_config: Any = None, **settings: Any) -> Any:
    """The WSGI application."""
    config = Configurator(settings=translated(settings))
    cliquet.initialize(config, version="1.0", project_name="kinto", default_settings=DEFAULTS, settings_prefix="kinto")
    found = config.registry.settings
    validation = found["experimental_collection_schema_validation"]
    cliquet.load_default_settings(config, {"json_schema_validation": validation})
    for plugin in plugins(found):
        config.include(plugin)
    # Clients of 1.23 look for it. Which file it is, and when it was changed, is for those who run the service alone.
    config.add_hello_member("config", None)
    config.scan("kinto.views")
    return config.make_wsgi_app()
