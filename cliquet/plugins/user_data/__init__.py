"""``/__user_data__``: what belongs to somebody is listed, exported and erased there."""

from __future__ import annotations

from pyramid.config import Configurator

from cliquet.bootstrap import load_default_settings
from cliquet.errors import ConfigurationError
from cliquet.plugins.user_data import views
from cliquet.web.components import components
from cliquet.web.service import declare

__all__ = ["includeme"]

_DEFAULTS = {
    "user-data_read_principals": (),
    "user-data_delete_principals": (),
    views.SELF_SERVICE: False,
}


def includeme(config: Configurator) -> None:
    """Set the plugin up (``docs/how-to/user-data``).

    :raises ConfigurationError: when nothing is kept of anybody.
    """
    load_default_settings(config, _DEFAULTS)
    parts = components(config.registry)
    if parts.storage is None:
        raise ConfigurationError("Setting 'storage_backend' is missing: nothing is kept of anybody.")
    path, erasing = "/__user_data__/{principal}", {} if parts.settings.readonly else {"DELETE": views.erase}
    declare(config, "user-data", path, {"GET": views.listed, **erasing}, description="Data of a user", renderer="json")
    declare(config, "user-data-export", f"{path}/export", {"GET": views.export}, description="All data of a user")
    config.add_api_capability(
        "user_data",
        description="The __user_data__ endpoints list, export and erase what belongs to a user.",
        url=parts.settings.project_docs,
    )
