"""The table of all settings: name, type, default and a sentence each."""

from __future__ import annotations

import dataclasses
import datetime
import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

__all__ = ["FAMILIES", "REMOVED", "Family", "Row", "Settings", "family_of", "rows"]


def _row(default: Any, sentence: str, *, name: str = "", least: float | None = None, secret: bool = False) -> Any:
    about = {"sentence": sentence, "name": name, "least": least, "secret": secret}
    return field(default=default, repr=not secret, metadata=about)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting of the toolkit, typed; one attribute is one row of ``docs/reference/settings``.

    What may be secret is not part of the ``repr``.

    :param families: values of the settings whose names are made from names of resources or policies.
    :param app: the settings that the application declared by giving them a default.

    >>> Settings(paginate_by=100).paginate_by
    100
    """

    # The service
    project_name: str = _row("", "Name that hello shows, and the prefix of settings, variables and metrics.")
    project_version: str = _row("", "Version of the application that hello shows.")
    http_api_version: str = _row("", "Version of the HTTP API; its major part is the prefix of the URLs.")
    project_docs: str = _row("", "Where the documentation of the service is; hello shows it.")
    environment: Literal["development", "production"] | None = _row(
        None, "Production refuses to start without secrets. Empty: production where the storage is shared by servers."
    )
    includes: tuple[str, ...] = _row((), "Dotted names of plugins to include.")
    version_json_path: str | None = _row(None, "File that `__version__` answers with.")
    contribute_json_path: str | None = _row(None, "File that `contribute.json` answers with.")
    check_on_start: bool = _row(True, "Refuse to start without secrets, or on an outdated schema.")
    # Limits
    batch_max_requests: int | None = _row(25, "Most requests in a batch; empty is unlimited.", least=1)
    paginate_by: int | None = _row(None, "Most records in a page.", least=1)
    storage_max_fetch_size: int = _row(10_000, "Most records that one statement fetches.", least=1)
    max_body_bytes: int = _row(1_048_576, "Longest body of a request, in bytes.", least=1)
    batch_max_body_bytes: int = _row(8_388_608, "Longest body of a batch, in bytes.", least=1)
    transaction_attempts: int = _row(5, "How often a transaction is run that the database asks to retry.", least=1)
    # Endpoints
    readonly: bool = _row(False, "Serve only what reads.")
    id_generator: str = _row("cliquet.ids.UUID4", "Dotted name of the class that makes and recognises record ids.")
    version_prefix_redirect_enabled: bool = _row(True, "Redirect URLs without the version to those with it.")
    version_prefix_redirect_ttl_seconds: int = _row(
        -1, "Seconds that a redirect to the version may be kept; -1 says nothing about it.", least=-1
    )
    trailing_slash_redirect_enabled: bool = _row(True, "Redirect URLs with a trailing slash to those without.")
    trailing_slash_redirect_ttl_seconds: int = _row(
        3600, "Seconds that such a redirect may be kept; -1 says nothing about it.", least=-1
    )
    http_scheme: str | None = _row(None, "Scheme of the URLs the service answers with, behind a proxy.")
    http_host: str | None = _row(None, "Host and port of the URLs the service answers with, behind a proxy.")
    error_info_link: str = _row("", "URL that an unexpected error points to.")
    vary: tuple[str, ...] = _row(("Authorization",), "Names in the Vary header of every answer.")
    # Operating
    backoff: int | None = _row(None, "Seconds that every answer asks clients to wait.", least=1)
    retry_after_seconds: int = _row(30, "Seconds in Retry-After of 503 and 409 answers.", least=0)
    heartbeat_timeout_seconds: float = _row(10.0, "Seconds that one check of the heartbeat may take.", least=0.001)
    eos: datetime.datetime | None = _row(  # noqa: RUF009  # a field as the others are
        None, "When the service ends: warns before, answers 410 afterwards."
    )
    eos_message: str | None = _row(None, "Message in the Alert header about the end of service.")
    eos_url: str | None = _row(None, "URL in the Alert header about the end of service.")
    cors_origins: tuple[str, ...] = _row(("*",), "Origins that browsers may call from; `*` inside is a wildcard.")
    cors_max_age_seconds: int | None = _row(3600, "Seconds that a browser may keep a preflight.", least=0)
    # Storage
    storage_backend: str = _row("", "Dotted name of the storage backend's module.")
    storage_url: str = _row("", "Where the storage is, as an URL.", secret=True)
    storage_pool_size: int = _row(25, "Connections that the storage keeps.", least=1)
    storage_max_overflow: int = _row(5, "Connections above the pool size that the storage opens under load.", least=0)
    storage_pool_timeout: float = _row(10.0, "Seconds to wait for a connection before answering 503.", least=0)
    storage_pool_recycle: int = _row(-1, "Seconds after which a connection is replaced; -1 is never.")
    storage_prepared_statements: bool | None = _row(
        None, "Let PostgreSQL keep the plans of statements. Empty: where no pooler such as PgBouncer is in between."
    )
    storage_busy_timeout_seconds: float = _row(30.0, "Seconds that SQLite waits for another writer.", least=0)
    storage_synchronous: Literal["FULL", "NORMAL"] = _row(
        "FULL", "SQLite: FULL keeps every commit through a power loss, NORMAL may lose the last ones."
    )
    storage_statement_timeout_ms: int = _row(
        5000, "Milliseconds after which a search that no index serves is answered with 503; 0 is never.", least=0
    )
    storage_max_indexed_fields: int = _row(
        10, "Fields of a resource that clients may have indexed, all records together.", least=0
    )
    # Cache
    cache_backend: str = _row("", "Dotted name of the cache backend's module.")
    cache_url: str = _row("", "Where the cache is, as an URL.", secret=True)
    cache_prefix: str = _row("", "Text in front of every key of the cache.")
    cache_pool_size: int = _row(25, "Connections that the cache keeps.", least=1)
    cache_timeout_seconds: float = _row(0.25, "Seconds that a command of the cache may take.", least=0.001)
    cache_max_size_bytes: int = _row(8_388_608, "Bytes that the memory cache keeps.", least=1)
    # Permission
    permission_backend: str = _row("", "Dotted name of the permission backend's module; shareable resources need one.")
    permission_url: str = _row("", "Where the permissions are, as an URL.", secret=True)
    permission_pool_size: int = _row(25, "Connections that the permission backend keeps.", least=1)
    permission_prefix: str = _row("", "Text in front of every key of the permissions, in Redis.")
    permission_timeout_seconds: float = _row(
        5.0, "Seconds that a command of the permissions may take, in Redis.", least=0.001
    )
    explicit_permissions: bool = _row(
        False, "Whoever changes a shared record gets the permission to write it, not only who creates it."
    )
    # Security
    userid_hmac_secret: str = _row("", "Secret from which user ids and page tokens are signed.", secret=True)
    multiauth_policies: tuple[str, ...] = _row(
        ("basicauth",), "Names of the authentication policies, in the order they are asked.", name="multiauth.policies"
    )
    # Monitoring
    logging_renderer: str = _row("auto", "How a log line looks: auto, console, json, mozlog, or a dotted class.")
    statsd_url: str | None = _row(None, "Where statsd listens, as udp://host:port.")
    statsd_prefix: str = _row("cliquet", "First part of the metrics' names when the project has no name.")

    families: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    app: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), repr=False)


@dataclass(frozen=True)
class Row:
    """One setting: its name in an INI file, the attribute, type, default, a sentence, the least number accepted.

    >>> [row.attribute for row in rows() if row.name == "multiauth.policies"]
    ['multiauth_policies']
    """

    name: str
    attribute: str
    type: Any
    default: Any
    sentence: str
    least: float | None
    secret: bool


def rows() -> tuple[Row, ...]:
    """The table, in the order of the documentation.

    >>> next(row.default for row in rows() if row.name == "batch_max_requests")
    25
    """
    types = typing.get_type_hints(Settings)
    return tuple(_as_row(item, types[item.name]) for item in dataclasses.fields(Settings) if item.metadata)


def _as_row(item: dataclasses.Field[Any], wanted: Any) -> Row:
    about = item.metadata
    name = about["name"] or item.name
    return Row(name, item.name, wanted, item.default, about["sentence"], about["least"], about["secret"])


@dataclass(frozen=True)
class Family:
    """Settings whose names contain the name of a resource or a policy.

    >>> [family.type for family in FAMILIES if family.pattern.fullmatch("record_article_put_enabled")]
    [<class 'bool'>]
    """

    name: str
    pattern: re.Pattern[str]
    type: Any
    sentence: str
    least: float | None = None


FAMILIES: tuple[Family, ...] = (
    Family(
        "{collection,record}_{resource}_{method}_enabled",
        re.compile(r"(collection|record)_(?P<resource>\w+)_(get|post|put|patch|delete)_enabled"),
        bool,
        "false answers 405 for that method of that endpoint.",
    ),
    Family(
        "{resource}_{permission}_principals",
        re.compile(r"(?P<resource>\w+)_(read|write|create)_principals"),
        tuple[str, ...],
        "Principals that have the permission on every record of the resource, and all that follows from it.",
    ),
    Family(
        "{ids}.{resource}_cache_expires_seconds",
        re.compile(r"([\w.-]+\.)?(?P<resource>\w+)_cache_expires_seconds"),
        int,
        "Seconds that answers to anonymous readers may be cached; for the records below others, the ids of these, "
        "joined by dots, may be in front.",
        least=0,
    ),
    Family(
        "{resource}_id_generator",
        re.compile(r"(?P<resource>\w+)_id_generator"),
        str,
        "Dotted name of the class that makes and recognises the ids of that resource.",
    ),
    Family(
        "quotas.{resource}_{ids}_{limit}",
        re.compile(r"quotas\.\S+_(max_bytes|max_items|max_bytes_per_item)"),
        int,
        "with the plugin `cliquet.plugins.quotas`: `max_bytes`, `max_items` or `max_bytes_per_item` of each record of "
        "the resource; the ids of a record and of those above it, joined by `_`, may be in between.",
        least=0,
    ),
    Family(
        "multiauth.policy.{name}.use",
        re.compile(r"multiauth\.policy\.[\w-]+\.use"),
        str,
        "Dotted name of the policy's function, or of a factory that takes the policy's other settings.",
    ),
    Family(
        "multiauth.policy.{name}.{option}",
        re.compile(r"multiauth\.policy\.[\w-]+\.\w+"),
        str,
        "Given to the policy's factory as a keyword.",
    ),
)


def family_of(name: str) -> Family | None:
    """The family that a setting belongs to, if any.

    >>> family_of("article_read_principals").name
    '{resource}_{permission}_principals'
    """
    return next((family for family in FAMILIES if family.pattern.fullmatch(name)), None)


#: Settings of Cliquet 3 that are gone, and what to do instead.
REMOVED: Mapping[str, str] = MappingProxyType(
    {
        "initialization_sequence": "write a plugin and name it in `includes`",
        "transaction_per_request": "every request that writes is one transaction",
        "newrelic_config": "run the server with newrelic-admin run-program",
        "newrelic_env": "set NEW_RELIC_ENVIRONMENT for newrelic-admin run-program",
        "profiler_enabled": "run the server under a profiler such as py-spy",
        "profiler_dir": "run the server under a profiler such as py-spy",
        "multiauth.groupfinder": "groups are read from the permission backend",
        "multiauth.authorization_policy": "permissions are declared on resources",
        "basic_auth_enabled": "name the policies in `multiauth.policies`",
        "cache_pool_maxconn": "use `cache_pool_size`",
        "delete_collection_enabled": "use `collection_{resource}_delete_enabled`",
        "permission_pool_maxconn": "use `permission_pool_size`",
        "retry_after": "use `retry_after_seconds`",
        "sentry_url": "configure the logging of the server",
        "session_backend": "use `cache_backend`",
        "session_url": "use `cache_url`",
        "storage_pool_maxconn": "use `storage_pool_size`",
        "storage_max_backlog": "use `storage_pool_timeout`",
        "storage_poolclass": "use `storage_pool_size` and `storage_max_overflow`",
    }
)
