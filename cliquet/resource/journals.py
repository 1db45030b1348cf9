"""Declares journals: resources whose records are written because others were, at the end of a transaction."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pyramid.config import PHASE1_CONFIG, Configurator
from pyramid.events import ApplicationCreated

from cliquet.database.transaction import Transaction
from cliquet.errors import ConfigurationError
from cliquet.model import journal
from cliquet.model.journal import Told, Written
from cliquet.web.components import components

__all__ = ["Keep", "add_journal", "when_declared"]

#: Writes what a journal has to say about the changes of a transaction; raises to undo them.
Keep = Callable[[Transaction, Sequence[Told]], None]


def add_journal(
    config: Configurator,
    name: str,
    keep: Keep,
    *,
    resource: Callable[[str], type],
    roots: Iterable[str] = (),
    **options: Any,
) -> None:
    """Serve a journal under records without a parent, and let it know what is written to these and below them.

    :param name: its name, and the last part of its paths: ``/buckets/{bucket_id}/history``.
    :param keep: called once per transaction, when nobody else writes any more. It locks its scopes first, all of them
        together: the locks of journals are taken after those of other records, in one order for everybody.
    :param resource: the class of the resource, given the name of the resource that it is under.
    :param roots: the resources that it is under; by default all that have no parent, and others under them.
    :param options: methods and permissions, as for :func:`cliquet.resource.register`.
    """
    wanted = tuple(roots)
    when_declared(config, f"journal {name}", lambda: _serve(config, name, keep, resource, wanted, options))


def when_declared(config: Configurator, name: str, work: Callable[[], None]) -> None:
    """Do something when all resources of the application are declared; it may declare more, and views.

    :param name: what is done, once.
    :param work: when it finds something wrong with the settings, the application is not made.

    >>> from cliquet.testing.app import make_app
    >>> def configure(config):
    ...     when_declared(config, "count", lambda: print(sorted(components(config.registry).contexts)))
    >>> app = make_app(configure=configure)
    ['mushroom', 'note', 'psilo']
    """

    def act() -> None:
        try:
            work()
        except ConfigurationError as error:
            # Pyramid would wrap it here.
            config.add_subscriber(functools.partial(_refuse, error), ApplicationCreated)

    # Before routes are made.
    config.action(("cliquet when declared", name), act, order=PHASE1_CONFIG)


def _refuse(error: ConfigurationError, event: Any) -> None:
    raise error


def _serve(
    config: Configurator,
    name: str,
    keep: Keep,
    resource: Callable[[str], type],
    roots: Sequence[str],
    options: dict[str, Any],
) -> None:
    parts = components(config.registry)
    served = journal.names(parts.tree, name, roots)
    for root, own in served.items():
        path = parts.contexts[root].viewset.path("record").replace("{id}", f"{{{root}_id}}")
        paths = {"under": root, "collection_path": f"{path}/{name}"}
        config.add_resource(resource(root), name=own, journal=True, **paths, **options)

    def tell(transaction: Transaction, written: Sequence[Written]) -> None:
        if told := journal.by_root(parts.tree, served, written):
            keep(transaction, told)

    parts.journals.append(tell)
