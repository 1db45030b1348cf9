"""``/permissions``: a list of what was shared with somebody, wherever it is."""

from __future__ import annotations

from pyramid.config import Configurator

from cliquet.errors import ConfigurationError
from cliquet.plugins.permissions_endpoint.resource import PermissionsList
from cliquet.web.components import components

__all__ = ["includeme"]


def includeme(config: Configurator) -> None:
    """Set the plugin up (``docs/how-to/permissions-endpoint``).

    :raises ConfigurationError: when there are no permissions to list.
    """
    parts = components(config.registry)
    if parts.permission is None:
        raise ConfigurationError("Setting 'permission_backend' is missing, and the list of permissions needs one.")
    config.add_resource(
        PermissionsList,
        name="permissions",
        collection_path="/permissions",
        collection_methods=("GET",),
        record_methods=(),
    )
    config.add_api_capability(
        "permissions_endpoint",
        description="The permissions endpoint can be used to list all user objects permissions.",
        url=parts.settings.project_docs,
    )
