"""Writes the reference page of the settings from their table."""

from __future__ import annotations

from typing import Any

from cliquet.settings.coerce import type_name
from cliquet.settings.environment import variable
from cliquet.settings.table import FAMILIES, REMOVED, Family, Row, rows

__all__ = ["markdown"]

_HEAD = """\
# Settings

A setting has three spellings in an INI file: `paginate_by`, `cliquet.paginate_by`, and `<project>.paginate_by` with the
name of the project. Spellings that disagree stop the start-up, and so do names that nobody declared.

Every setting can come from the environment too, as `CLIQUET_<NAME>` or `<PROJECT>_<NAME>`: in capitals, with `_` for
dots and hyphens. `CLIQUET_*` wins over `<PROJECT>_*`, which wins over the INI file, which wins over the application's
defaults (`default_settings` of `cliquet.initialize`). A name among these defaults that is not on this page declares a
setting of the application, typed by its default.

Lists are separated by spaces or commas. True is `true`, `yes`, `on` or `1`; false is `false`, `no`, `off` or `0`.
"""
_FAMILIES = """\
## Settings named after a resource or a policy

The part in braces stands for a name.
"""
_REMOVED = """\
## Settings that are gone

The service does not start with one of these; it says what to do instead.
"""


def markdown() -> str:
    """The page ``docs/reference/settings.md``, all of it.

    >>> "`CLIQUET_PAGINATE_BY`" in markdown()
    True
    """
    parts = (
        _HEAD,
        _table(("Setting", "Type", "Default", "Variable", "Meaning"), [_row(row) for row in rows()]),
        _FAMILIES,
        _table(("Settings", "Type", "Variable", "Meaning"), [_family(family) for family in FAMILIES]),
        _REMOVED,
        _table(("Setting", "Instead"), [(f"`{name}`", _sentence(REMOVED[name])) for name in sorted(REMOVED)]),
    )
    return "\n".join(parts)


def _table(head: tuple[str, ...], lines: list[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (head, ("---",) * len(head), *lines))


def _row(row: Row) -> tuple[str, ...]:
    return (f"`{row.name}`", _type(row.type, row.least), _default(row.default), _variable(row.name), row.sentence)


def _family(family: Family) -> tuple[str, ...]:
    meaning = family.sentence[0].upper() + family.sentence[1:]
    return (f"`{family.name}`", _type(family.type, family.least), _variable(family.name), meaning)


def _type(wanted: Any, least: float | None) -> str:
    return type_name(wanted) if least is None else f"{type_name(wanted)}, at least {least:g}"


def _default(value: Any) -> str:
    if value in (None, "", ()):
        return "empty"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{' '.join(value) if isinstance(value, tuple) else value}`"


def _variable(name: str) -> str:
    """The variable's name; what stands for a name stays as it is."""
    parts = name.replace("{", "\0{").replace("}", "}\0").split("\0")
    return f"`CLIQUET_{''.join(part if part.startswith('{') else variable(part) for part in parts)}`"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
