"""Registers resource classes as services."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

import venusian
from pyramid.config import Configurator

from cliquet.database.transaction import Transaction
from cliquet.model.access import ROOT, Kind
from cliquet.model.model import Model
from cliquet.resource.context import Context, make
from cliquet.resource.hooks import add_record_hook
from cliquet.resource.journals import add_journal, when_declared
from cliquet.resource.views import make_view, outlook_of
from cliquet.resource.viewset import READING, ViewSet
from cliquet.settings import Settings
from cliquet.web.components import Components, components
from cliquet.web.service import declare

__all__ = ["add_permission_rule", "add_resource", "includeme", "model_of", "register", "register_resource"]

C = TypeVar("C", bound=type)


class Waiting(NamedTuple):
    """A resource whose parent is not registered yet."""

    under: str
    config: Configurator
    resource: Any
    viewset: ViewSet


def register(depth: int = 1, **options: Any) -> Callable[[C], C]:
    """Class decorator: the resource is served once ``config.scan`` finds it.

    :param options: see :class:`~cliquet.resource.viewset.ViewSet`.

    >>> from cliquet import resource
    >>> @resource.register(record_methods=("GET", "PATCH"))
    ... class Note(resource.UserResource):
    ...     schema = resource.Anything
    """

    def decorate(cls: C) -> C:
        register_resource(cls, depth=depth + 1, **options)
        return cls

    return decorate


def register_resource(cls: type, *, depth: int = 1, **options: Any) -> Callable[..., None]:
    """Register a class that was written elsewhere; ``config.scan`` of the calling module serves it.

    :param depth: how many calls away the calling module is.
    :param options: see :class:`~cliquet.resource.viewset.ViewSet`.
    :returns: what the scan calls.

    >>> from cliquet import resource
    >>> class Note(resource.UserResource):
    ...     schema = resource.Anything
    >>> callback = register_resource(Note, record_methods=("GET", "PATCH"))
    """
    frozen: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in options.items()}
    viewset = ViewSet(**frozen)

    def callback(scanner: Any, name: str, found: Any) -> None:
        add_resource(scanner.config.with_package(info.module), cls, viewset)

    info = venusian.attach(cls, callback, category="pyramid", depth=depth)
    return callback


def add_resource(config: Configurator, cls: Any, viewset: ViewSet | None = None, **options: Any) -> None:
    """Serve a resource class; two of the same name are a conflict at start-up.

    :param viewset: names, paths and methods; or ``options``, which make one.

    >>> from cliquet.testing.app import make_app
    >>> from cliquet.testing.resources import Note
    >>> alice = make_app(resources=[], configure=lambda config: add_resource(config, Note, collection_path="/memos"))
    >>> alice.get("/v1/memos").json
    {'data': []}
    """
    named = (viewset or ViewSet(**options)).named(cls)
    parts = components(config.registry)
    under = named.under if isinstance(named.under, str) or named.under is None else _name_of(parts, named.under)
    if under is not None and under not in parts.contexts:
        parts.waiting.append(Waiting(under, config, cls, named))
    else:
        _serve(config, cls, named, under)


def model_of(registry: Any, name: str, parent: str, *, transaction: Transaction | None = None) -> Model:
    """The records of a registered resource, for code that is not one of its requests.

    :param registry: Pyramid's.
    :param name: the resource's name, such as ``article``.
    :param parent: whose, or below what the records are, such as the prefixed id of a user.
    :raises KeyError: when there is no such resource.

    >>> from cliquet.testing.app import make_wsgi_app
    >>> notes = model_of(make_wsgi_app().registry, "note", "basicauth:alice")
    >>> notes.create_record({"id": "x", "text": "Hello"})["text"]
    'Hello'
    """
    found: Model = components(registry).contexts[name].model(parent, transaction=transaction)
    return found


def includeme(config: Configurator) -> None:
    """Adds the directives about resources."""
    for directive in (add_resource, add_record_hook, add_permission_rule, add_journal, when_declared):
        config.add_directive(directive.__name__, directive)


def add_permission_rule(
    config: Configurator, resource: str, permission: str, *, granted_by: Iterable[tuple[str, str]]
) -> None:
    """Let more permissions, stored on records of this or other resources, grant one.

    :param granted_by: pairs of the name of a resource and a permission on its records.

    >>> from cliquet.testing.app import make_app
    >>> def configure(config):
    ...     add_permission_rule(config, "note", "read", granted_by=[("shelf", "lend")])
    >>> [tuple(one) for one in make_app(configure=configure).parts.tree.granters("note", "read")]
    [('shelf', 'lend')]
    """
    rows = tuple(granted_by)
    tree = components(config.registry).tree
    discriminator = ("cliquet permission rule", resource, permission, rows)
    config.action(discriminator, lambda: tree.extend(resource, permission, rows))


def _name_of(parts: Components, cls: type) -> str:
    """The name under which a class is, or will be, registered."""
    found = [context.name for context in parts.resources.values() if context.resource is cls]
    return found[0] if found else ViewSet().named(cls).name


def _serve(config: Configurator, cls: Any, viewset: ViewSet, under: str | None) -> None:
    """Serve a resource whose parent is served, and then those that waited for it."""
    parts = components(config.registry)
    parent = parts.contexts[under] if under is not None else None
    named = viewset.below(parent.viewset) if parent is not None else viewset
    config.action(("cliquet resource", named.route("record"), named.path("record")), introspectables=())
    context = make(parts, cls, named, (*parent.above, parent) if parent is not None else ())
    if cls.is_shared:
        kind = Kind(named.name, named.permissions, under or ROOT, named.segment, named.journal)
        parts.tree.add(kind)
    for endpoint in ("collection", "record"):
        _declare(config, context, endpoint)
    ready = [one for one in parts.waiting if one.under == named.name]
    parts.waiting = [one for one in parts.waiting if one.under != named.name]
    for one in ready:
        _serve(one.config, one.resource, one.viewset, one.under)


def _declare(config: Configurator, context: Context, endpoint: str) -> None:
    viewset, parts = context.viewset, context.parts
    methods = [method for method in viewset.methods(endpoint) if _enabled(parts.settings, endpoint, viewset, method)]
    if not viewset.methods(endpoint):
        return
    views = {method: make_view(context, endpoint, method) for method in methods}
    service = declare(config, viewset.route(endpoint), viewset.path(endpoint), views, description=context.name)
    service.type, service.viewset, service.resource = endpoint, viewset, context.resource
    _remember(parts, viewset.route(endpoint), context, endpoint)


def _remember(parts: Components, route: str, context: Context, endpoint: str) -> None:
    parts.resources[route] = context
    parts.outlooks[route] = functools.partial(outlook_of, context, endpoint)


def _enabled(settings: Settings, endpoint: str, viewset: ViewSet, method: str) -> bool:
    if settings.readonly and method not in READING:
        return False
    return bool(settings.families.get(f"{endpoint}_{viewset.name}_{method.lower()}_enabled", True))
