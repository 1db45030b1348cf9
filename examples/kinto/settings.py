"""Reads the settings of an existing Kinto server: names and values that are spelled differently here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import structlog
from pyramid.settings import asbool

__all__ = ["DEFAULTS", "plugins", "translated"]

_log = structlog.get_logger("kinto")

#: What this application prefers; an INI file or the environment may say otherwise.
DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "http_api_version": "1.23",
        "bucket_create_principals": "system.Authenticated",
        "explicit_permissions": True,
        "retry_after_seconds": 3,
        "experimental_permissions_endpoint": False,
        "experimental_collection_schema_validation": False,
        "default_bucket_hmac_secret": "",
        "admin_assets_path": "",
        "user-data_delete_principals": (),
    }
)

#: Switches that mean a plugin here.
_SWITCHES: Mapping[str, str] = MappingProxyType(
    {
        "experimental_permissions_endpoint": "cliquet.plugins.permissions_endpoint",
        "user-data_delete_principals": "cliquet.plugins.user_data",
    }
)

#: Dotted names, of plugins, policies and backends, and what they are here.
_MODULES: Mapping[str, str] = MappingProxyType(
    {
        "kinto.plugins.accounts": "cliquet.plugins.accounts",
        "kinto.plugins.accounts.AccountsPolicy": "cliquet.plugins.accounts.AccountsPolicy",
        "kinto.plugins.accounts.authentication.AccountsPolicy": "cliquet.plugins.accounts.AccountsPolicy",
        "kinto.plugins.accounts.authentication.AccountsAuthenticationPolicy": "cliquet.plugins.accounts.AccountsPolicy",
        "kinto.plugins.admin": "kinto.admin",
        "kinto.plugins.counters": "cliquet.plugins.counters",
        "kinto.plugins.default_bucket": "kinto.default_bucket",
        "kinto.plugins.flush": "cliquet.plugins.flush",
        "kinto.plugins.history": "cliquet.plugins.history",
        "kinto.plugins.quotas": "cliquet.plugins.quotas",
        # The setting statsd_url is enough.
        "kinto.plugins.statsd": "",
        "kinto.core.authentication.BasicAuthAuthenticationPolicy": "basicauth",
        "kinto.views.NameGenerator": "cliquet.ids.Short",
        "kinto.views.RelaxedUUID": "cliquet.ids.Slug",
        "kinto.core.storage.generators.UUID4": "cliquet.ids.UUID4",
        **{
            f"kinto.core.{part}.{kind}": f"cliquet.{part}.{kind}"
            for part, kind in [
                ("storage", "memory"),
                ("storage", "postgresql"),
                ("permission", "memory"),
                ("permission", "postgresql"),
                ("cache", "memory"),
                ("cache", "postgresql"),
                ("cache", "redis"),
            ]
        },
    }
)

#: Settings that have no effect here, and why.
_WITHOUT_EFFECT: Mapping[str, str] = MappingProxyType(
    {
        "json_renderer": "there is one",
        "pagination_token_validity_seconds": "page tokens are signed and do not expire",
        "settings_prefix": "the prefix is the project's name",
        "tm.annotate_user": "there is no transaction manager",
        "transaction_per_request": "every request that writes is one transaction",
        "metrics_matchdict_fields": "metrics have no such labels",
        "backoff_percentage": "every answer has the header",
        "cache_hosts": "memcached is no cache here",
        "statsd_backend": "the setting statsd_url is enough",
        **{f"newrelic_{name}": "run the server with newrelic-admin run-program" for name in ("config", "env")},
        **{f"profiler_{name}": "run the server under a profiler such as py-spy" for name in ("enabled", "dir")},
        **{
            f"sentry_{name}": "add a handler of Sentry to the logging of the server"
            for name in ("dsn", "env", "breadcrumbs_min_level", "events_min_level")
        },
        **{
            f"{part}_{name}": "see storage_pool_timeout and storage_max_overflow"
            for part in ("storage", "permission", "cache")
            for name in ("max_backlog", "poolclass")
        },
        **{
            f"{part}_{name}": "the pool of the storage is used"
            for part in ("permission", "cache")
            for name in ("max_overflow", "pool_recycle", "pool_timeout")
        },
    }
)
_ENDPOINT = re.compile(r"(plural|object)_(\w+_enabled)")
_ENDPOINTS: Mapping[str, str] = MappingProxyType({"plural": "collection", "object": "record"})
_VALUES = re.compile(r"includes|(storage|permission|cache)_backend|multiauth\.policy\..+\.use|(\w+_)?id_generator")
#: Settings that have no effect when all they name is Kinto's own; others stop the start.
_KINTOS: Mapping[str, str] = MappingProxyType(
    {
        "initialization_sequence": "the steps are always the same",
        "multiauth.groupfinder": "groups are read from the permission backend",
        "multiauth.authorization_policy": "permissions are declared on resources",
    }
)
#: What is as if it were not there, when it is empty or off.
_NOTHING = frozenset({"event_listeners", *_WITHOUT_EFFECT})


def translated(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of an INI file, as this application spells them.

    >>> translated({"kinto.plural_bucket_delete_enabled": "false", "kinto.includes": "kinto.plugins.history"})
    {'kinto.collection_bucket_delete_enabled': 'false', 'kinto.includes': 'cliquet.plugins.history'}
    """
    kept = {name: value for name, value in _with_flush(settings).items() if not _is_without_effect(_bare(name), value)}
    return {_name(name): _value(_bare(name), value) for name, value in kept.items()}


def plugins(settings: Mapping[str, Any]) -> list[str]:
    """The plugins that are included, beside those that are by name; schemas are checked in any case.

    >>> plugins({"experimental_permissions_endpoint": True, "includes": ("cliquet.plugins.history",)})
    ['cliquet.plugins.json_schema', 'cliquet.plugins.permissions_endpoint']
    """
    asked = ["cliquet.plugins.json_schema", *(module for switch, module in _SWITCHES.items() if settings.get(switch))]
    return [module for module in asked if module not in settings["includes"]]


def _with_flush(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings, where the old switch of the flush endpoint includes the plugin."""
    names = {_bare(name): name for name in settings}
    if "flush_endpoint_enabled" not in names:
        return dict(settings)
    others = {name: value for name, value in settings.items() if _bare(name) != "flush_endpoint_enabled"}
    if asbool(settings[names["flush_endpoint_enabled"]]):
        includes = names.get("includes", "includes")
        others[includes] = f"{others.get(includes, '')} cliquet.plugins.flush".strip()
    return others


def _bare(name: str) -> str:
    return name.removeprefix("kinto.")


def _name(name: str) -> str:
    bare = _bare(name)
    found = _ENDPOINT.fullmatch(bare)
    if found is None:
        return name
    return name.replace(bare, f"{_ENDPOINTS[found[1]]}_{found[2]}")


def _value(name: str, value: Any) -> Any:
    if not isinstance(value, str) or not _VALUES.fullmatch(name):
        return value
    return "\n".join(_MODULES.get(word, word) for word in value.replace(",", " ").split())


def _is_without_effect(name: str, value: Any) -> bool:
    if name in _NOTHING and str(value).strip().lower() in ("", "false"):
        return True
    why = _WITHOUT_EFFECT.get(name)
    if name in _KINTOS and all(word.startswith("kinto.") for word in str(value).split()):
        why = _KINTOS[name]
    if why is None:
        return False
    _log.warning(f"Setting {name!r} has no effect: {why}.")
    return True
