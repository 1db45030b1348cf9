"""What is made, once, of the declarations of a resource."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from pyramid.request import Request

from cliquet.database.transaction import Transaction
from cliquet.errors import ConfigurationError, RecordNotFound
from cliquet.ids import Generator
from cliquet.model.access import Level
from cliquet.model.model import Model
from cliquet.resource.viewset import ViewSet
from cliquet.schema.validator import Validator
from cliquet.storage.base import Scope, Storage
from cliquet.web.calls import Reader
from cliquet.web.components import Components, load_generator

__all__ = ["Context", "make"]

#: Most requests are about the same few parents.
_LAST = 1024


@dataclass(frozen=True)
class Context:
    """The parts that the requests of one resource share.

    :param name: the resource's name, which is also the name of its records in the storage.
    :param max_bytes: longest record, in bytes.
    """

    name: str
    resource: Any
    viewset: ViewSet
    parts: Components
    storage: Storage
    validator: Validator
    id_generator: Generator
    reader: Reader
    max_bytes: int
    above: tuple[Context, ...] = ()

    @cached_property
    def list_path(self) -> str:
        """The template of the path of its lists, without the version."""
        return self.viewset.path("collection")

    def levels(self, matched: Mapping[str, str]) -> tuple[Level, ...]:
        """The records from the root down to the parent.

        :param matched: what the placeholders of the path stand for.
        :raises RecordNotFound: when one of them can have no such id.
        """
        return self._levels(tuple([matched[name] for name in self._names])) if self.above else ()

    def level(self, record_id: str, matched: Mapping[str, str]) -> Level:
        """A record of this resource as a level of the tree.

        :raises RecordNotFound: when no record can have that id.
        """
        if not self.id_generator.match(record_id):
            raise RecordNotFound(record_id, self.name, parent=True)
        return Level(self.name, f"{self.list_path.format(**matched)}/{record_id}")

    @cached_property
    def _names(self) -> tuple[str, ...]:
        """The placeholders of the path that say where the parent is."""
        paths = "".join(one.list_path for one in self.above)
        found = dict.fromkeys(name for _, name, _, _ in string.Formatter().parse(paths) if name)
        return tuple(found | dict.fromkeys(f"{one.name}_id" for one in self.above))

    @cached_property
    def _levels(self) -> Callable[[tuple[str, ...]], tuple[Level, ...]]:
        """The records from the root down to the parent, by what the placeholders stand for."""

        @lru_cache(_LAST)
        def levels(found: tuple[str, ...]) -> tuple[Level, ...]:
            matched = dict(zip(self._names, found, strict=True))
            return tuple(one.level(matched[f"{one.name}_id"], matched) for one in self.above)

        return levels

    def model(self, parent: str, *, transaction: Transaction | None = None, ids: Generator | None = None) -> Model:
        """The records of one parent, under the rules of this resource.

        :param parent: whose, or below what they are.
        :param ids: makes the ids of new records, when that is not what the resource has for it.
        """
        return Model(
            self.storage,
            resource=self.name,
            parent=parent,
            id_generator=ids or self.id_generator,
            unique_fields=self.validator.unique,
            transaction=transaction,
        )

    def scope(self, request: Request) -> Scope:
        """The scope that a request is about."""
        return Scope(self.name, self.resource(request, self).parent_id)


def make(parts: Components, resource: Any, viewset: ViewSet, above: tuple[Context, ...] = ()) -> Context:
    """The context of a resource class.

    :param above: the contexts of the resources above, from the root down.
    :raises ConfigurationError: when no storage is configured.
    """
    if parts.storage is None:
        raise ConfigurationError("Mandatory storage backend is missing from configuration: set storage_backend.")
    validator = Validator(resource.mapping if resource.schema is None else resource.schema)
    generator = _generator(parts, resource, viewset.name)
    known = viewset.permissions if resource.is_shared else ()
    reader = Reader(parts, validator, generator, known)
    limit = parts.settings.max_body_bytes
    return Context(viewset.name, resource, viewset, parts, parts.storage, validator, generator, reader, limit, above)


def _generator(parts: Components, resource: Any, name: str) -> Generator:
    """What makes ids: of the settings for this resource, of its class, or of the settings for all."""
    setting = f"{name}_id_generator"
    if dotted := parts.settings.families.get(setting):
        return load_generator(setting, dotted)
    ids = resource.id_generator or parts.id_generator
    return ids() if isinstance(ids, type) else ids
