"""The names, paths and methods of a resource's endpoints."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from cliquet.errors import ConfigurationError

__all__ = ["READING", "ViewSet"]

READING = frozenset({"GET", "HEAD", "OPTIONS"})
_COLLECTION = ("GET", "POST", "DELETE")
_RECORD = ("GET", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class ViewSet:
    """What :func:`cliquet.resource.register` takes as keywords.

    :param name: the resource's name; by default the class's attribute ``name``, or its name in lower case.
    :param collection_path: by default ``/{name}s``.
    :param record_path: by default the collection's path and ``/{id}``.
    :param collection_methods: which of GET, POST and DELETE the collection has; HEAD comes with GET.
    :param record_methods: which of GET, PUT, PATCH and DELETE the records have.
    :param service_name: how routes and metrics are named.
    :param under: the resource class, or the name of the resource, that the records are below; its path goes in front.
    :param permissions: what a shared record may have permissions for.
    :param journal: whether the records are written because others were, such as entries of a history.

    >>> ViewSet(name="article").path("record")
    '/articles/{id}'
    """

    name: str = ""
    collection_path: str = ""
    record_path: str = ""
    collection_methods: tuple[str, ...] = _COLLECTION
    record_methods: tuple[str, ...] = _RECORD
    service_name: str = "{resource_name}-{endpoint_type}"
    under: Any = None
    permissions: tuple[str, ...] = ("read", "write")
    journal: bool = False

    def __post_init__(self) -> None:
        for endpoint, known in (("collection", _COLLECTION), ("record", _RECORD)):
            unknown = set(map(str.upper, getattr(self, f"{endpoint}_methods"))) - {*known, "HEAD"}
            if unknown:
                raise ConfigurationError(f"A {endpoint} has no method {sorted(unknown)[0]}, only {', '.join(known)}.")

    def named(self, resource: Any) -> ViewSet:
        """The same with a name, taken from the class where none is given."""
        given = getattr(resource, "name", "")
        name = self.name or (given if isinstance(given, str) else "") or resource.__name__.lower()
        return dataclasses.replace(self, name=name)

    def below(self, parent: ViewSet) -> ViewSet:
        """The same, with paths that begin with those of the parent.

        >>> parent = ViewSet(name="shelf", collection_path="/shelves")
        >>> ViewSet(name="book").below(parent).path("record")
        '/shelves/{shelf_id}/books/{id}'
        """
        if self.collection_path:
            return self
        above = parent.path("record").replace("{id}", f"{{{parent.name}_id}}")
        return dataclasses.replace(self, collection_path=f"{above}/{self.name}s")

    @property
    def segment(self) -> str:
        """The last part of the path of the list."""
        return self.path("collection").rpartition("/")[2]

    def path(self, endpoint: str) -> str:
        """The path of an endpoint, below the prefix."""
        collection = self.collection_path or "/{resource_name}s"
        record = self.record_path or collection + "/{{id}}"
        template = collection if endpoint == "collection" else record
        given = self.collection_path if endpoint == "collection" else self.record_path
        return given if given and "{{" not in given and "{resource_name}" not in given else _filled(template, self.name)

    def route(self, endpoint: str) -> str:
        """The name of an endpoint's route."""
        return self.service_name.format(resource_name=self.name, endpoint_type=endpoint)

    def methods(self, endpoint: str) -> tuple[str, ...]:
        """The methods of an endpoint, in upper case."""
        found = self.collection_methods if endpoint == "collection" else self.record_methods
        return tuple(method.upper() for method in found if method.upper() != "HEAD")


def _filled(template: str, name: str) -> str:
    """The template with the resource's name; braces that are doubled are placeholders of the route."""
    return template.replace("{resource_name}", name).replace("{{", "{").replace("}}", "}")
