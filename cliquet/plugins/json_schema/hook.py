"""Which schemas apply to a record, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from cliquet.errors import InvalidInput, Problem
from cliquet.model.access import Tree
from cliquet.plugins.json_schema.cache import Validators
from cliquet.plugins.json_schema.errors import UnfitSchema
from cliquet.resource.hooks import Draft

if TYPE_CHECKING:
    from cliquet.plugins.json_schema.validator import Validator

__all__ = ["SCHEMA", "SchemaHook"]

#: The attribute of a parent that holds the schema of its children, and of a child that says which one was applied.
SCHEMA = "schema"
_IGNORED = frozenset({"last_modified", SCHEMA})


class Applied(NamedTuple):
    """A schema for a record.

    :param attribute: where it is.
    :param version: the time in ms of the parent whose ``schema`` it is.
    """

    attribute: str
    schema: Any
    version: int | None


class SchemaHook:
    """Checks schemas when they are written, and records against the schemas above them.

    :param tree: which resources are below which.
    :param validators: makes validators.
    :param validation: whether records are checked, too.
    """

    def __init__(self, tree: Tree, validators: Validators, *, validation: bool = True) -> None:
        self._tree = tree
        self._validators = validators
        self._validation = validation
        self._attributes: dict[str, list[str]] = {}

    def __call__(self, draft: Draft) -> dict[str, Any]:
        """The record to store.

        :raises InvalidInput: names what is wrong with it, or with the schemas in it.
        """
        self._check_schemas(draft)
        if not self._validation:
            return draft.new
        applied = list(self._applied(draft))
        problems = [problem for one in applied for problem in self._problems(one, draft.new)]
        if problems:
            raise InvalidInput(*problems)
        versions = [one.version for one in applied if one.version is not None]
        return {**draft.new, SCHEMA: versions[0]} if versions else draft.new

    def attributes(self, resource: str) -> list[str]:
        """The attributes of a resource's records that hold schemas.

        ``schema`` is one only where it is clear for what: where there is one resource directly below.

        >>> from cliquet.model.access import Kind
        >>> tree = Tree()
        >>> for kind in (Kind("shelf"), Kind("book", under="shelf"), Kind("page", under="book")):
        ...     tree.add(kind)
        >>> SchemaHook(tree, Validators()).attributes("shelf")
        ['schema', 'book:schema', 'page:schema']
        """
        if resource not in self._attributes:
            below = [f"{kind}:{SCHEMA}" for kind in self._tree.depths(resource)] if resource in self._tree.kinds else []
            clear = len(self._tree.children(resource)) == 1
            self._attributes[resource] = [SCHEMA, *below] if clear else below
        return self._attributes[resource]

    def _check_schemas(self, draft: Draft) -> None:
        """Schemas that are new are valid, whether or not they are applied."""
        old = draft.old or {}
        for name in self.attributes(draft.resource):
            if name in draft.new and (name not in old or draft.new[name] != old[name]):
                self._validator(f"data.{name}", draft.new[name])

    def _applied(self, draft: Draft) -> Iterator[Applied]:
        """The schemas for a record, nearest first."""
        for distance, level in enumerate(reversed(draft.levels)):
            known = self.attributes(level.resource)
            names = [SCHEMA] if distance == 0 else []
            above = draft.above(level.resource) or {}
            for name in (*names, f"{draft.resource}:{SCHEMA}"):
                if name in known and name in above:
                    version = above["last_modified"] if name == SCHEMA else None
                    yield Applied(name, above[name], version)

    def _problems(self, applied: Applied, record: Mapping[str, Any]) -> list[Problem]:
        validator = self._validator(applied.attribute, _relevant(applied.schema))
        return validator.problems(_checked(applied.schema, record))

    def _validator(self, where: str, schema: Any) -> Validator:
        """The validator of a schema.

        :param where: the name of the problem when there is none.
        """
        if not isinstance(schema, dict):
            raise InvalidInput(Problem("body", where, "A JSON schema is an object."))
        try:
            return self._validators.of(schema)
        except UnfitSchema as unfit:
            raise InvalidInput(Problem("body", where, str(unfit))) from None


def _ignored(schema: Any) -> frozenset[str]:
    """The members that are not for the schema to say anything about."""
    properties = schema.get("properties")
    return _IGNORED if isinstance(properties, dict) and "id" in properties else _IGNORED | {"id"}


def _relevant(schema: Any) -> Any:
    """The schema without what it asks of ignored members."""
    if not isinstance(schema, dict) or not isinstance(schema.get("required"), list):
        return schema
    ignored = _ignored(schema)
    return {**schema, "required": [name for name in schema["required"] if name not in ignored]}


def _checked(schema: Any, record: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a record that a schema is about."""
    ignored = _ignored(schema)
    return {name: value for name, value in record.items() if name not in ignored}
