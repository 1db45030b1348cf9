"""What a JSON schema consists of: its subschemas, where each applies, and what each asks of a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from cliquet.plugins.json_schema.cost import NOTHING, Cost, of_keywords
from cliquet.plugins.json_schema.errors import UnfitSchema

__all__ = ["MAX_SUBSCHEMAS", "Node", "parse"]

#: Most subschemas of a schema.
MAX_SUBSCHEMAS = 2_000

#: Keyword -> what its subschemas apply to, and how it holds them: one, a list, or a mapping by name.
_PLACES: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "allOf": (("here", "list"),),
        "anyOf": (("here", "list"),),
        "oneOf": (("here", "list"),),
        "not": (("here", "one"),),
        "if": (("here", "one"),),
        "then": (("here", "one"),),
        "else": (("here", "one"),),
        "dependentSchemas": (("here", "map"),),
        "dependencies": (("here", "map"),),
        "properties": (("members", "map"),),
        "patternProperties": (("others", "map"),),
        "additionalProperties": (("others", "one"),),
        "unevaluatedProperties": (("others", "one"),),
        "propertyNames": (("names", "one"),),
        "prefixItems": (("prefix", "list"),),
        "items": (("prefix", "list"), ("items", "one")),
        "additionalItems": (("items", "one"),),
        "unevaluatedItems": (("items", "one"),),
        "contains": (("items", "one"),),
        "contentSchema": (("nowhere", "one"),),
        "definitions": (("nowhere", "map"),),
        "$defs": (("nowhere", "map"),),
    }
)
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_ANCHORS = ("$anchor", "$dynamicAnchor")
_AGAIN = ("unevaluatedProperties", "unevaluatedItems")


@dataclass(eq=False)
class Node:
    """A subschema.

    :param label: the end of its path, for messages.
    :param cost: what it asks of one value, without the subschemas in it.
    :param here: those that apply to the same value.
    :param members: those that apply to the member of that name.
    :param others: those that may apply to any member.
    :param names: those that apply to the names of members.
    :param prefix: those that apply to the item of that index.
    :param items: those that may apply to any item.
    :param nowhere: those that only apply where a reference leads to them.
    :param looks_again: whether its subschemas are evaluated again, to find what they did not look at.
    """

    label: str = "#"
    cost: Cost = NOTHING
    here: list[Node] = field(default_factory=list)
    members: dict[str, Node] = field(default_factory=dict)
    others: list[Node] = field(default_factory=list)
    names: list[Node] = field(default_factory=list)
    prefix: list[Node] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)
    nowhere: list[Node] = field(default_factory=list)
    looks_again: bool = False


def parse(schema: Any, size_of: Callable[[str], int]) -> list[Node]:
    """The subschemas of a schema, itself first, with what leads from one to another.

    Only references inside of the schema are followed, so that what it means depends on nothing else.

    :param schema: an object or a boolean that the meta-schema accepts.
    :param size_of: the size in bytes of what a pattern is compiled to.
    :raises UnfitSchema: when it refers to anything else, or has too many subschemas.

    >>> nodes = parse({"properties": {"title": {"$ref": "#/$defs/text"}}, "$defs": {"text": {}}}, size_of=len)
    >>> [node.label for node in nodes], [node.label for node in nodes[1].here]
    (['#', '#/properties/title', '#/$defs/text'], ['#/$defs/text'])
    """
    parser = _Parser(schema, size_of)
    parser.visit(schema, "#")
    parser.resolve()
    return parser.nodes


class _Parser:
    """Makes nodes of subschemas.

    :param document: the whole schema.
    """

    def __init__(self, document: Any, size_of: Callable[[str], int]) -> None:
        self.nodes: list[Node] = []
        self._document = document
        self._size_of = size_of
        self._found: dict[int, Node] = {}
        self._anchors: dict[str, Node] = {}
        self._references: list[tuple[Node, str]] = []

    def visit(self, schema: Any, label: str) -> Node:
        """The node of a subschema; those in it are visited, too."""
        if id(schema) in self._found:
            return self._found[id(schema)]
        if len(self.nodes) == MAX_SUBSCHEMAS:
            raise UnfitSchema(f"A schema has at most {MAX_SUBSCHEMAS} subschemas.")
        node = Node(label)
        self.nodes.append(node)
        if isinstance(schema, dict):
            self._found[id(schema)] = node
            self._fill(node, schema)
        return node

    def resolve(self) -> None:
        """Let every reference lead to the subschema that it names."""
        for node, reference in self._references:
            target = self._target(reference)
            if target is not None:
                node.here.append(target)

    def _fill(self, node: Node, schema: Mapping[str, Any]) -> None:
        node.cost = of_keywords(schema, self._size_of)
        node.looks_again = not schema.keys().isdisjoint(_AGAIN)
        self._name(node, schema)
        self._references += [(node, schema[one]) for one in _REFERENCES if isinstance(schema.get(one), str)]
        for keyword in filter(_PLACES.__contains__, schema):
            for where, form in _PLACES[keyword]:
                for name, one in _held(schema[keyword], form):
                    below = self.visit(one, _shortened(f"{node.label}/{keyword}{name and f'/{name}'}"))
                    if where == "members":
                        node.members[name] = below
                    else:
                        getattr(node, where).append(below)

    def _name(self, node: Node, schema: Mapping[str, Any]) -> None:
        """Remember what references may call a subschema; only the whole schema may be a document of its own."""
        own = schema.get("$id")
        names = [schema[one] for one in _ANCHORS if isinstance(schema.get(one), str)]
        if isinstance(own, str) and own.startswith("#"):
            names.append(own[1:])
        elif own is not None and len(self.nodes) > 1:
            raise UnfitSchema(f"{node.label} has an $id: refer to it by its place, or by an $anchor.")
        for name in names:
            if self._anchors.setdefault(name, node) is not node:
                raise UnfitSchema(f"Two subschemas are called {name:.60}.")

    def _target(self, reference: str) -> Node | None:
        """What is referred to; a boolean needs no node.

        :raises UnfitSchema: when it is outside of the schema, or no place of a subschema.
        """
        if not reference.startswith("#"):
            raise UnfitSchema(f"A reference has to stay in the schema and begin with #, unlike {reference:.100}")
        fragment = unquote(reference[1:])
        if fragment and not fragment.startswith("/"):
            found = self._anchors.get(fragment)
        else:
            place = _walk(self._document, fragment)
            if isinstance(place, bool):
                return None
            found = self._found.get(id(place))
        if found is None:
            raise UnfitSchema(f"There is no subschema {reference:.100}; keep it in definitions or $defs.")
        return found


def _walk(document: Any, pointer: str) -> Any:
    """What a JSON pointer leads to; ``None`` when it leads nowhere."""
    for token in pointer.split("/")[1:]:
        if isinstance(document, list) and token.isdecimal() and int(token) < len(document):
            document = document[int(token)]
        elif isinstance(document, dict):
            document = document.get(token.replace("~1", "/").replace("~0", "~"))
        else:
            return None
    return document


def _held(value: Any, form: str) -> Iterator[tuple[str, Any]]:
    """The subschemas that the value of a keyword holds, by their names or indexes."""
    if form == "one":
        found: Any = [("", value)]
    elif form == "list":
        found = enumerate(value) if isinstance(value, list) else ()
    else:
        found = value.items() if isinstance(value, dict) else ()
    return ((str(name), one) for name, one in found if isinstance(one, dict | bool))


def _shortened(label: str) -> str:
    return label if len(label) <= 100 else f"…{label[-99:]}"
