"""From settings to components to a configured application."""

from __future__ import annotations

import dataclasses
import os
import secrets
from collections.abc import Mapping
from typing import Any

import structlog
from pyramid.config import Configurator
from pyramid.events import ApplicationCreated
from pyramid.util import DottedNameResolver
from zope.interface import implementedBy

from cliquet.cache.base import Cache
from cliquet.cache.forgiving import Forgiving
from cliquet.database.registry import KEY as DATABASES
from cliquet.database.registry import Databases
from cliquet.errors import ConfigurationError, SchemaOutdated
from cliquet.monitoring import logs, statsd
from cliquet.monitoring.metrics import Metrics, NoMetrics
from cliquet.permission.base import Permission
from cliquet.protocol.page import Tokens
from cliquet.resource.indexes import declared
from cliquet.resource.register import includeme as resource_directives
from cliquet.settings import Settings, Source, parse
from cliquet.settings.read import refuse_unknown
from cliquet.storage.base import Storage
from cliquet.web import events
from cliquet.web.authentication import basicauth, load_policies
from cliquet.web.components import KEY, Components, components, load_generator

__all__ = ["initialize", "load_default_settings"]

_log = structlog.get_logger("cliquet")


def initialize(
    config: Configurator,
    version: str | None = None,
    project_name: str = "",
    default_settings: Mapping[str, Any] | None = None,
    *,
    settings_prefix: str = "",
) -> None:
    """Make a Pyramid application a service.

    Afterwards the application scans its views and calls ``config.make_wsgi_app()``, which checks what is left: unknown
    settings, missing secrets, an outdated schema.

    :param version: the application's version, unless the setting ``project_version`` says it.
    :param project_name: its name, unless the setting ``project_name`` says it.
    :param default_settings: values that it prefers; a name that is no setting of the toolkit declares one of its own.
    :param settings_prefix: what is in front of its settings and variables, when it is not the project's name.
    :raises ConfigurationError: names the setting at fault.

    >>> config = Configurator(settings={"storage_backend": "cliquet.storage.memory"})
    >>> initialize(config, version="1.0", project_name="notes")
    >>> components(config.registry).prefix
    'v1'
    """
    source = _source(config, project_name, default_settings or {}, settings_prefix)
    settings, unknown = parse(source)
    name = (settings.project_name or project_name) if settings_prefix else source.project
    settings = dataclasses.replace(settings, project_name=name)
    version = settings.project_version or (version and str(version)) or ""
    if not version:
        raise ConfigurationError("Setting 'project_version' is missing, and initialize() was given no version.")
    logs.configure(renderer=settings.logging_renderer, project_name=settings.project_name)
    config.registry["cliquet.source"] = source
    _publish(config, settings)
    parts = _components(config, settings, version)
    config.registry[KEY] = parts
    config.route_prefix = parts.prefix
    config.include("cliquet.web")
    config.include(resource_directives)
    for plugin in settings.includes:
        _include(config, plugin)
    config.add_subscriber(lambda _: _finish(config.registry, unknown), ApplicationCreated)


def load_default_settings(config: Configurator, default_settings: Mapping[str, Any]) -> None:
    """Declare settings, from the ``includeme`` of a plugin; their values are in ``config.registry.settings``.

    The application's own default for a setting, or the one that was declared first, wins.

    :param default_settings: name -> default, whose type is the setting's type.

    >>> config = Configurator(settings={"storage_backend": "cliquet.storage.memory", "notes_per_day": "3"})
    >>> initialize(config, version="1.0")
    >>> load_default_settings(config, {"notes_per_day": 10})
    >>> config.registry.settings["notes_per_day"]
    3
    """
    source: Source = config.registry["cliquet.source"]
    source = dataclasses.replace(source, defaults={**default_settings, **source.defaults})
    config.registry["cliquet.source"] = source
    settings, _ = parse(source)
    components(config.registry).declared_settings.update(settings.app)
    config.registry.settings.update(settings.app)


def _source(config: Configurator, project_name: str, defaults: Mapping[str, Any], prefix: str) -> Source:
    ini = dict(config.get_settings() or {})
    named = os.environ.get("CLIQUET_PROJECT_NAME") or ini.get("cliquet.project_name") or ini.get("project_name")
    return Source(ini, defaults, dict(os.environ), str(prefix or named or defaults.get("project_name") or project_name))


def _include(config: Configurator, plugin: str) -> None:
    """Include a plugin that a setting names."""
    try:
        config.maybe_dotted(plugin)
    except ImportError as error:
        raise ConfigurationError(f"Setting 'includes': {plugin!r} cannot be included ({error}).") from error
    config.include(plugin)


def _publish(config: Configurator, settings: Settings) -> None:
    """The typed values under their bare names, for code that looks there."""
    config.registry["cliquet.settings"] = settings
    values = {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}
    extra = {**values.pop("families"), **values.pop("app")}
    config.registry.settings.update({**values, **extra})


def _components(config: Configurator, settings: Settings, version: str) -> Components:
    metrics = _metrics(settings)
    config.registry.setdefault(DATABASES, Databases())
    storage, cache, permission = _storage(config, settings), _cache(config, settings), _permission(config, settings)
    parts = Components(
        settings=settings,
        version=version,
        prefix=f"v{(settings.http_api_version or version).split('.')[0]}",
        storage=metrics.watch(storage, "storage.storage") if storage else None,
        cache=Forgiving(metrics.watch(cache, "cache.cache")) if cache else None,
        tokens=Tokens(settings.userid_hmac_secret),
        id_generator=load_generator("id_generator", settings.id_generator),
        metrics=metrics,
        policies=load_policies(settings),
        permission=metrics.watch(permission, "permission.permission") if permission else None,
        public_settings={"batch_max_requests": settings.batch_max_requests, "readonly": settings.readonly},
    )
    if basicauth in parts.policies.values():
        about = "Any user name and password, which are the identity."
        parts.capabilities["basicauth"] = {"description": about, "url": settings.project_docs}
    if storage is not None:
        parts.heartbeats["storage"] = lambda _: storage.ping()
    if cache is not None:
        parts.heartbeats["cache"] = lambda _: cache.ping()
    if permission is not None:
        parts.heartbeats["permission"] = lambda _: permission.ping()
        parts.public_settings["explicit_permissions"] = settings.explicit_permissions
    return parts


def _has_listeners(registry: Any) -> bool:
    """Whether anybody wants to know of requests, or of what they do; otherwise, Pyramid does not ask each time."""
    begun = (implementedBy(ApplicationCreated),)
    others = (one for one in registry.registeredHandlers() if one.required != begun)
    return any(others) or any(registry.registeredSubscriptionAdapters())


def _finish(registry: Any, unknown: tuple[str, ...]) -> None:
    """What can only be checked when everything is declared."""
    parts = components(registry)
    refuse_unknown(unknown, parts.declared_settings)
    _check_families(parts)
    _check_waiting(parts)
    parts.watched = events.watched(registry)
    registry.has_listeners = _has_listeners(registry)
    if not parts.settings.check_on_start:
        return
    if parts.storage is not None:
        parts.storage.check()
        _check_unique(parts, parts.storage)
        _check_indexes(parts, parts.storage)
    if parts.cache is not None:
        parts.cache.check()
    if parts.permission is not None:
        parts.permission.check_schema()
    secret = parts.settings.userid_hmac_secret or _development_secret(parts)
    parts.settings = dataclasses.replace(parts.settings, userid_hmac_secret=secret)
    parts.tokens = Tokens(secret)
    if parts.storage is not None:
        parts.storage.close()  # a server that forks now must not share connections
    if parts.permission is not None:
        parts.permission.close()
    _log.info(f"{parts.settings.project_name or 'cliquet'} {parts.version} starting.")


def _check_families(parts: Components) -> None:
    """Settings about a resource have to be about one that exists."""
    names = {context.name for context in parts.resources.values()}
    for name in parts.settings.families:
        beginning, _, rest = name.partition("_")
        if beginning in ("collection", "record") and name.endswith("_enabled"):
            resource = rest.removesuffix("_enabled").rpartition("_")[0]
            if resource not in names:
                known = ", ".join(sorted(names)) or "none"
                raise ConfigurationError(f"Setting {name!r}: there is no resource {resource!r}, only {known}.")


def _check_waiting(parts: Components) -> None:
    """Every resource that is under another one needs it; every shareable one needs a permission backend."""
    for one in parts.waiting:
        name = one.resource.__name__
        raise ConfigurationError(f"The resource {name} is under {one.under!r}, which is not registered.")
    shared = sorted({context.name for context in parts.resources.values() if context.resource.is_shared})
    if shared and parts.permission is None:
        raise ConfigurationError(
            f"Setting 'permission_backend' is missing, and {', '.join(shared)} have permissions. "
            "With SQLite: cliquet.permission.sqlite"
        )


def _check_unique(parts: Components, storage: Storage) -> None:
    """Unique fields have to be known for the records that were stored before they were declared."""
    if parts.settings.readonly:
        return
    for context in {one.name: one for one in parts.resources.values()}.values():
        unique = context.validator.unique
        if unique and not storage.knows_unique(context.name, unique):
            raise SchemaOutdated(
                f"The unique fields of {context.name!r} ({', '.join(unique)}) were declared after records had been "
                "stored. Type: cliquet migrate --ini <your INI file>"
            )


def _check_indexes(parts: Components, storage: Storage) -> None:
    """Without the indexes that schemas ask for, the service is slow, and still right."""
    if not storage.durable:
        return
    present = storage.indexed()
    for name, fields in declared(parts).items():
        if missing := [field for field in fields if field not in present.get(name, ())]:
            _log.warning(f"{name}: no index on {', '.join(missing)} yet. Type: cliquet index --ini <your INI file>")


def _development_secret(parts: Components) -> str:
    """A secret that is made up once and kept with the data, where nobody else needs to know it.

    :raises ConfigurationError: in production.
    """
    storage = parts.storage
    if parts.production:
        raise ConfigurationError(
            "Setting 'userid_hmac_secret' is missing: in production it has to be a long random text, the same on "
            "every server, kept secret and never changed. For instance: " + secrets.token_hex(32)
        )
    made = secrets.token_hex(32)
    _log.warning("userid_hmac_secret is not set: one was generated and is kept with the data, for development only.")
    return storage.keep("userid_hmac_secret", made) if storage is not None else made


def _metrics(settings: Settings) -> Metrics:
    if not settings.statsd_url:
        return NoMetrics()
    metrics = statsd.load_from_url(settings.statsd_url, settings.project_name or settings.statsd_prefix)
    metrics.start()
    return metrics


def _storage(config: Configurator, settings: Settings) -> Storage | None:
    storage: Storage | None = _backend(config, "storage_backend", settings.storage_backend, Storage)
    return storage


def _permission(config: Configurator, settings: Settings) -> Permission | None:
    permission: Permission | None = _backend(config, "permission_backend", settings.permission_backend, Permission)
    return permission


def _cache(config: Configurator, settings: Settings) -> Cache | None:
    cache: Cache | None = _backend(config, "cache_backend", settings.cache_backend, Cache)
    return cache


def _backend(config: Configurator, setting: str, dotted: str, wanted: type) -> Any:
    """The backend whose module a setting names."""
    if not dotted:
        return None
    try:
        module = DottedNameResolver().resolve(dotted)
        backend = module.load_from_config(config)
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        raise ConfigurationError(f"Setting {setting!r}: {dotted!r} cannot be used ({error}).") from error
    if not isinstance(backend, wanted):
        raise ConfigurationError(f"Setting {setting!r}: {dotted!r} is no {wanted.__name__}.")
    return backend
