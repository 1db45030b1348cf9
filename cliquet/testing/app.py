"""Applications to send requests to, without a server: a small one, and any other."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Self

import webtest
from pyramid.config import Configurator

import cliquet
from cliquet.storage.base import Storage
from cliquet.testing import resources
from cliquet.web.components import Components, components

__all__ = ["RESOURCES", "SETTINGS", "Client", "basic_auth", "make_app", "make_wsgi_app", "migrated"]

#: What the small application serves: ``/mushrooms``, ``/notes`` and ``/psilos``.
RESOURCES = (resources.Mushroom, resources.Note, resources.Psilo)

#: Settings with which a service starts anywhere; the records are in memory.
SETTINGS: Mapping[str, Any] = MappingProxyType(
    {
        "project_name": "myapp",
        "project_docs": "https://cliquet.example/",
        "storage_backend": "cliquet.storage.memory",
        "cache_backend": "cliquet.cache.memory",
        "userid_hmac_secret": "b4c96a8692291d88fe5a97dd91846eb4",
    }
)


def basic_auth(name: str = "alice", password: str = "secret") -> dict[str, str]:
    """The header that HTTP Basic authentication sends.

    >>> basic_auth("mat", "1")
    {'Authorization': 'Basic bWF0OjE='}
    """
    credentials = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {credentials}"}


class Client(webtest.TestApp):  # type: ignore[misc]  # webtest is untyped
    """A user of a WSGI application; everything of :class:`webtest.TestApp` is there.

    :param app: the application.
    :param user: name and password that every request is sent with; ``None`` sends no credentials.

    >>> alice = make_app()
    >>> made = alice.post_json("/v1/notes", {"data": {"text": "Hello"}})
    >>> made.json["data"]["text"]
    'Hello'
    >>> alice.as_user("bob").get("/v1/notes").json
    {'data': []}
    >>> alice.anonymous().get("/v1/notes", status=401).json["errno"]
    104
    """

    def __init__(self, app: Any, user: tuple[str, str] | None = ("alice", "secret"), **options: Any) -> None:
        headers = basic_auth(*user) if user else {}
        environ = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        super().__init__(app, extra_environ={"REMOTE_ADDR": "127.0.0.1", **environ}, **options)

    def as_user(self, name: str, password: str = "secret") -> Self:
        """The same application, used by somebody else."""
        return type(self)(self.app, (name, password))

    def anonymous(self) -> Self:
        """The same application, used by nobody in particular."""
        return type(self)(self.app, None)

    @property
    def parts(self) -> Components:
        """What the application consists of."""
        return components(self.app.registry)

    @property
    def storage(self) -> Storage:
        """Where the application keeps its records."""
        assert self.parts.storage is not None, "the application has no storage"
        return self.parts.storage


def make_wsgi_app(
    settings: Mapping[str, Any] | None = None,
    *,
    resources: Iterable[type] = RESOURCES,
    configure: Callable[[Configurator], None] = lambda config: None,
    version: str = "1.0",
) -> Any:
    """A WSGI application that serves some resources.

    :param settings: added to :data:`SETTINGS`, or replacing some of them.
    :param resources: classes, which need not be decorated with :func:`cliquet.resource.register`.
    :param configure: says more to the configurator: views, plugins, resources with options.

    >>> app = make_wsgi_app(resources=[resources.Note], version="2.1")
    >>> Client(app).get("/v2/notes").json
    {'data': []}
    """
    config = Configurator(settings={**SETTINGS, **(settings or {})})
    cliquet.initialize(config, version=version)
    for one in resources:
        config.add_resource(one)
    configure(config)
    return config.make_wsgi_app()


def make_app(settings: Mapping[str, Any] | None = None, **options: Any) -> Client:
    """A client of :func:`make_wsgi_app`, which takes the same arguments.

    >>> make_app({"paginate_by": 1}).get("/v1/").json["project_name"]
    'myapp'
    """
    return Client(make_wsgi_app(settings, **options))


def migrated(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings, after the storage that they name was migrated and emptied.

    >>> migrated({"storage_backend": "cliquet.storage.memory"})
    {'storage_backend': 'cliquet.storage.memory'}
    """
    config = Configurator(settings={**SETTINGS, **settings})
    cliquet.initialize(config, version="1.0")
    storage = components(config.registry).storage
    assert storage is not None, "the settings name no storage"
    storage.migrate()
    storage.flush()
    storage.close()
    return dict(settings)
