"""Reading list: a user's articles, synchronised between their devices."""

from typing import Any

from pyramid.config import Configurator

import cliquet


def main(global_config: Any = None, **settings: Any) -> Any:
    """The WSGI application."""
    config = Configurator(settings=settings)
    cliquet.initialize(config, version="1.0", project_name="readinglist", default_settings={"paginate_by": 100})
    config.scan("readinglist.views")
    return config.make_wsgi_app()
