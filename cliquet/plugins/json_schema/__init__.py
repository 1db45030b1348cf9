"""Validates records against JSON schemas that the records above them hold (``docs/how-to/json-schema``)."""

from __future__ import annotations

import importlib.util

from pyramid.config import Configurator

from cliquet.bootstrap import load_default_settings
from cliquet.errors import ConfigurationError
from cliquet.plugins.json_schema.cache import Validators
from cliquet.plugins.json_schema.hook import SchemaHook
from cliquet.resource.hooks import add_record_hook
from cliquet.web.components import components

__all__ = ["includeme"]


def includeme(config: Configurator) -> None:
    """Adds the settings, the hook and the capability.

    :raises ConfigurationError: when the engine is not installed, which is loaded with the first schema.
    """
    if importlib.util.find_spec("jsonschema_rs") is None:
        raise ConfigurationError("cliquet.plugins.json_schema needs jsonschema-rs: pip install 'cliquet[schema]'.")
    load_default_settings(config, {"json_schema_validation": True, "json_schema_formats": False})
    settings, parts = config.registry.settings, components(config.registry)
    validation = settings["json_schema_validation"]
    validators = Validators(formats=settings["json_schema_formats"])
    add_record_hook(config, SchemaHook(parts.tree, validators, validation=validation))
    if validation:
        config.add_api_capability("schema", "Validates records against JSON schemas.", parts.settings.project_docs)
