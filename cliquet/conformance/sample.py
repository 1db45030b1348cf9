"""What a valid record of the collection under test looks like."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

__all__ = ["DEFAULT", "Sample"]

#: Valid for the reading list of the examples.
DEFAULT: Final[Mapping[str, Any]] = {
    "title": "Title {n}",
    "url": "http://example.com/{n}",
    "added_by": "device",
    "_editable": "title",
    "_unique": ["url", "resolved_url"],
    "_readonly": ["url"],
}


def _numbers() -> Iterator[int]:
    """Numbers that no earlier run has used."""
    return itertools.count(time.time_ns() // 1_000_000)


@dataclass(frozen=True)
class Sample:
    """A template of records.

    :param template: fields and values; ``{n}`` in a string becomes a fresh number.
    :param editable: a field that takes any text.
    :param unique: fields whose value two records may not share.
    :param readonly: fields that keep their first value.
    """

    template: Mapping[str, Any]
    editable: str = "title"
    unique: tuple[str, ...] = ()
    readonly: tuple[str, ...] = ()
    numbers: Iterator[int] = field(default_factory=_numbers)

    @classmethod
    def read(cls, path: Path | None) -> Sample:
        """The sample of a JSON file, or the default one.

        :raises ValueError: the file holds no JSON object.
        """
        return cls.from_mapping(DEFAULT if path is None else json.loads(path.read_text(encoding="utf-8")))

    @classmethod
    def from_mapping(cls, source: object) -> Sample:
        """Split the template from the remarks about it, whose names start with ``_``.

        >>> Sample.from_mapping({"name": "n{n}", "_editable": "name"}).editable
        'name'
        """
        if not isinstance(source, Mapping):
            raise ValueError("A sample is a JSON object: the fields of a valid record.")
        template = {name: value for name, value in source.items() if not name.startswith("_")}
        unique, readonly = (tuple(source.get(name, ())) for name in ("_unique", "_readonly"))
        return cls(template, source.get("_editable", "title"), unique, readonly)

    def record(self) -> dict[str, Any]:
        """A new valid record.

        >>> Sample({"a": ["x{n}"]}, numbers=iter([7])).record()
        {'a': ['x7']}
        """
        filled = _fill(self.template, str(next(self.numbers)))
        assert isinstance(filled, dict)
        return filled


def _fill(value: Any, number: str) -> Any:
    if isinstance(value, str):
        return value.replace("{n}", number)
    if isinstance(value, Mapping):
        return {name: _fill(item, number) for name, item in value.items()}
    return [_fill(item, number) for item in value] if isinstance(value, list) else value
