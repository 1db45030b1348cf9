"""A schema that was accepted, ready to validate records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import jsonschema_rs

from cliquet.errors import Problem
from cliquet.plugins.json_schema.errors import UnfitSchema
from cliquet.plugins.json_schema.patterns import ENGINE, Sizes
from cliquet.plugins.json_schema.shape import parse
from cliquet.plugins.json_schema.work import MAX_WORK, Work, at_most, measure, ranked
from cliquet.protocol import body

__all__ = ["MAX_BYTES", "Validator"]

#: Longest schema, in bytes of JSON.
MAX_BYTES = 131_072
#: Most bytes that a list of all problems of a record may take while it is made.
MAX_MEMORY = 67_108_864
#: Most problems that are listed.
MAX_PROBLEMS = 100
_LONGEST = 300

_DRAFTS: Mapping[str, type[jsonschema_rs.Validator]] = MappingProxyType(
    {
        "json-schema.org/draft-04/schema": jsonschema_rs.Draft4Validator,
        "json-schema.org/draft-06/schema": jsonschema_rs.Draft6Validator,
        "json-schema.org/draft-07/schema": jsonschema_rs.Draft7Validator,
        "json-schema.org/draft/2019-09/schema": jsonschema_rs.Draft201909Validator,
        "json-schema.org/draft/2020-12/schema": jsonschema_rs.Draft202012Validator,
    }
)
#: Members of the whole schema that say what it is, and nothing about records.
_NAMES = frozenset({"$schema", "$id", "id"})


class Validator:
    """Tells what is wrong with records.

    Its draft is the one that ``$schema`` names, and draft 7 when it names none that is known. All that a schema refers
    to is in it, and all that could take more than reasonable time is refused: with the schema, or with the record.

    :param schema: the schema; it must not change afterwards.
    :param formats: whether texts have to be of their ``format``.
    :raises UnfitSchema: when it is not valid, or not acceptable.

    >>> validator = Validator({"properties": {"title": {"type": "string"}}})
    >>> [problem.name for problem in validator.problems({"title": 1})]
    ['data.title']
    """

    def __init__(self, schema: Mapping[str, Any], *, formats: bool = False) -> None:
        size, sizes = len(body.encode(schema)), Sizes()
        if size > MAX_BYTES:
            raise UnfitSchema(f"A schema has at most {MAX_BYTES} bytes.")
        document = {name: value for name, value in schema.items() if name not in _NAMES}
        nodes = parse(document, sizes)
        #: About what it takes, in bytes.
        self.memory = 32 * size + sizes.memory
        self._root = nodes[0]
        self._rank = ranked(nodes)
        self._at_most = at_most(nodes)
        self._compiled = _compiled(_draft(schema), document, formats=formats)

    def problems(self, record: Mapping[str, Any]) -> list[Problem]:
        """All that is wrong with a record; nothing when it is valid."""
        work = None if self._is_surely_quick(record) else self._work(record)
        if work is not None and work.is_too_much:
            return [Problem("body", "data", "Validating this record against its schema would take too long.")]
        if self._compiled.is_valid(record):
            return []
        # Each error of the library holds a copy of what is wrong, with all that is in it.
        if (work or self._work(record)).memory > MAX_MEMORY:
            return [Problem("body", "data", "The record is not what its schema asks for, in too many ways to list.")]
        return _listed([problem for error in self._compiled.iter_errors(record) for problem in _told(error)])

    def _is_surely_quick(self, record: Mapping[str, Any]) -> bool:
        """Whether a rough guess is enough to tell that validation takes reasonable time; for most records it is."""
        return self._at_most is not None and self._at_most.of_record(len(body.encode(record))) <= MAX_WORK

    def _work(self, record: Mapping[str, Any]) -> Work:
        return measure(self._rank, self._root, record)


def _draft(schema: Mapping[str, Any]) -> type[jsonschema_rs.Validator]:
    named = schema.get("$schema")
    address = named.partition("://")[2].rstrip("#") if isinstance(named, str) else ""
    return _DRAFTS.get(address, jsonschema_rs.Draft7Validator)


def _compiled(
    draft: type[jsonschema_rs.Validator], document: dict[str, Any], *, formats: bool
) -> jsonschema_rs.Validator:
    try:
        return draft(document, validate_formats=formats, pattern_options=ENGINE, offline=True)
    except jsonschema_rs.ValidationError as error:
        where = f" (at {_short('.'.join(map(str, error.instance_path)))})" if error.instance_path else ""
        raise UnfitSchema(_short(error.message) + where) from None
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        raise UnfitSchema(_short(str(error))) from None


def _told(error: jsonschema_rs.ValidationError) -> Iterator[Problem]:
    """What is wrong, with the member that is missing or superfluous as its name."""
    kind: Any = error.kind
    path = ".".join(["data", *map(str, error.instance_path)])
    unexpected = getattr(kind, "unexpected", ())
    if kind.name == "required":
        path = f"{path}.{kind.property}"
    for name in unexpected:
        rule = error.message.partition(" (")[0]
        yield Problem("body", f"{path}.{name}", f"{rule} ('{_short(str(name))}' was unexpected)")
    if not unexpected:
        yield Problem("body", path, _short(error.message))


def _listed(problems: list[Problem]) -> list[Problem]:
    if len(problems) <= MAX_PROBLEMS:
        return problems
    return [*problems[:MAX_PROBLEMS], Problem("body", "data", f"And {len(problems) - MAX_PROBLEMS} more problems.")]


def _short(message: str) -> str:
    """The message; of a long one its beginning and its end, where the reason is."""
    if len(message) <= _LONGEST:
        return message
    return f"{message[: _LONGEST // 2]} … {message[-_LONGEST // 2 :]}"
