"""What a configured application consists of: one typed object, under one key of the registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pyramid.util import DottedNameResolver

from cliquet.cache.base import Cache
from cliquet.clock import Clock, now
from cliquet.database.transaction import Transaction
from cliquet.errors import ConfigurationError
from cliquet.ids import Generator
from cliquet.model.access import Tree
from cliquet.model.foresight import Outlook
from cliquet.model.judge import Judge, settings_principals
from cliquet.monitoring.metrics import Metrics, NoMetrics
from cliquet.permission.base import Permission
from cliquet.protocol.page import Tokens
from cliquet.settings import Settings
from cliquet.storage.base import Scope, Storage

__all__ = ["KEY", "Capability", "Components", "components", "load_generator"]

#: Where the components are in Pyramid's registry.
KEY = "cliquet"
#: A check of the heartbeat: true when fine, ``None`` when it does not apply.
Check = Callable[[Any], bool | None]
Capability = Mapping[str, Any]


@dataclass
class Components:
    """The parts of an application, made by :mod:`cliquet.bootstrap` from its settings.

    The mappings at the end are filled by directives while the application is configured, and only read afterwards.

    :param settings: the typed settings.
    :param version: the application's version.
    :param prefix: the first segment of its URLs, such as ``v1``.
    :param storage: where records are; ``None`` when no backend is set.
    :param cache: what may be forgotten; ``None`` when no backend is set.
    :param tokens: makes and reads page tokens.
    :param id_generator: makes ids for records.
    :param metrics: what is counted and timed.
    :param clock: answers the time in ms.
    :param permission: where ACEs and groups are; ``None`` when no backend is set.
    :param tree: which permissions grant which.

    >>> from cliquet.ids import UUID4
    >>> parts = Components(Settings(), "1.2.3", "v1", None, None, Tokens("secret"), UUID4())
    >>> parts.http_api_version
    '1.2'
    """

    settings: Settings
    version: str
    prefix: str
    storage: Storage | None
    cache: Cache | None
    tokens: Tokens
    id_generator: Generator
    metrics: Metrics = field(default_factory=NoMetrics)
    clock: Clock = now
    permission: Permission | None = None
    tree: Tree = field(default_factory=Tree)
    policies: dict[str, Any] = field(default_factory=dict)
    heartbeats: dict[str, Check] = field(default_factory=dict)
    capabilities: dict[str, Capability] = field(default_factory=dict)
    public_settings: dict[str, Any] = field(default_factory=dict)
    resources: dict[str, Any] = field(default_factory=dict)
    declared_settings: dict[str, Any] = field(default_factory=dict)
    hooks: list[Any] = field(default_factory=list)
    journals: list[Callable[..., None]] = field(default_factory=list)
    purges: dict[str, Callable[[], int]] = field(default_factory=dict)
    banners: list[Callable[[str], Iterable[str]]] = field(default_factory=list)
    plans: dict[str, Callable[[Any], Sequence[Scope]]] = field(default_factory=dict)
    outlooks: dict[str, Callable[[Any, Transaction], Outlook | None]] = field(default_factory=dict)
    hello: dict[str, Any] = field(default_factory=dict)
    user_info: dict[str, Callable[[Any, str], Any]] = field(default_factory=dict)
    waiting: list[Any] = field(default_factory=list)
    watched: set[type] = field(default_factory=set)

    @property
    def contexts(self) -> dict[str, Any]:
        """What was made of the declarations of the resources, by the names of these."""
        return {context.name: context for context in self.resources.values()}

    @property
    def http_api_version(self) -> str:
        """MAJOR.MINOR of the HTTP API."""
        return self.settings.http_api_version or ".".join(self.version.split(".")[:2])

    @property
    def production(self) -> bool:
        """Whether others rely on the service: what the settings say, else whether its storage is shared by servers."""
        if self.settings.environment is not None:
            return self.settings.environment == "production"
        return self.storage is not None and self.storage.shared_between_servers

    @cached_property
    def foresees(self) -> bool:
        """Whether it pays to say what a request is going to ask, for then the backends ask for all of it at once."""
        return self.storage is not None and self.storage.foresees and getattr(self.permission, "foresees", False)

    @cached_property
    def judge(self) -> Judge:
        """Says who may do what.

        :raises ConfigurationError: when no permission backend is configured.
        """
        if self.permission is None:
            raise ConfigurationError("Mandatory permission backend is missing: set permission_backend.")
        return Judge(self.tree, self.permission, settings_principals(self.settings.families))


def components(registry: Any) -> Components:
    """The components of the application that a registry belongs to.

    >>> from cliquet.testing.app import make_wsgi_app
    >>> components(make_wsgi_app({"paginate_by": 10}).registry).settings.paginate_by
    10
    """
    found: Components = registry[KEY]
    return found


def load_generator(setting: str, dotted: str) -> Generator:
    """What makes ids, as a setting names its class.

    :raises ConfigurationError: names the setting.

    >>> load_generator("id_generator", "cliquet.ids.UUID4").match("x")
    False
    """
    try:
        made = DottedNameResolver().resolve(dotted)()
    except (ImportError, TypeError, ValueError) as error:
        raise ConfigurationError(f"Setting {setting!r}: {error}.") from None
    if not isinstance(made, Generator):
        raise ConfigurationError(f"Setting {setting!r}: {dotted!r} is no cliquet.ids.Generator.")
    return made
