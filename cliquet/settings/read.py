"""Reads the settings from INI values, defaults and the environment, and refuses what it does not know."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from cliquet.errors import ConfigurationError
from cliquet.settings import environment
from cliquet.settings.coerce import coerce
from cliquet.settings.table import REMOVED, Settings, family_of, rows

__all__ = ["Source", "parse", "refuse_unknown"]

_ROWS = {row.name: row for row in rows()}
#: Undotted names that Pyramid itself puts among the settings.
_PYRAMID = frozenset(
    {
        "debug_all",
        "debug_authorization",
        "debug_notfound",
        "debug_routematch",
        "debug_templates",
        "reload_all",
        "reload_templates",
        "reload_resources",
        "reload_assets",
        "default_locale_name",
        "prevent_http_cache",
        "prevent_cachebust",
        "csrf_trusted_origins",
        "available_languages",
        "handle_exceptions",
        "here",
        "__file__",
        "use",
    }
)


@dataclass(frozen=True)
class Source:
    """What the settings are read from.

    :param ini: the values of the INI file, or of Python code, under any of the three spellings.
    :param defaults: what the application prefers; a name the table lacks declares a setting of the application.
    :param environ: the process's environment.
    :param project: the project's name, whose spelling is the third one.

    >>> source = Source({"kinto.paginate_by": "10"}, defaults={"backoff": 5}, project="kinto")
    >>> settings, unknown = parse(source)
    >>> settings.paginate_by, settings.backoff
    (10, 5)
    """

    ini: Mapping[str, Any]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    project: str = ""

    def bare(self, name: str) -> str:
        """``name`` without the prefix of the toolkit or of the project.

        >>> Source({}, project="kinto").bare("kinto.paginate_by")
        'paginate_by'
        """
        for prefix in filter(None, ("cliquet", self.project.lower())):
            if name.lower().startswith(f"{prefix}."):
                return name[len(prefix) + 1 :]
        return name

    def is_ours(self, name: str) -> bool:
        """Whether a name in the INI file has to be a setting of ours."""
        bare = self.bare(name)
        return bare != name or bare.startswith("multiauth.") or ("." not in bare and bare not in _PYRAMID)


def parse(source: Source) -> tuple[Settings, tuple[str, ...]]:
    """The typed settings, and the names and variables that nobody declared so far.

    Variables of the environment win over the INI file, which wins over the application's defaults. A variable is
    spelled ``CLIQUET_<NAME>`` or ``<PROJECT>_<NAME>``; when both exist, the first one counts.

    :raises ConfigurationError: when two spellings disagree or a value has the wrong type; names the setting.

    >>> settings, unknown = parse(Source({"cliquet.paginate_by": "10"}, environ={"CLIQUET_BACKOFF": "3"}))
    >>> settings.paginate_by, settings.backoff, unknown
    (10, 3, ())
    """
    defaults = _merged(source, source.defaults)
    declared = {name: default for name, default in defaults.items() if not _in_table(name)}
    given = {**defaults, **_merged(source, source.ini)}
    names = (*_ROWS, *declared, *REMOVED)
    found = environment.read(source.environ, source.project, names, _policies(source, given))
    texts = {**given, **found.values}
    _refuse_removed(texts)
    app = {name: _app_value(name, texts[name], default) for name, default in declared.items()}
    settings = Settings(**_row_values(texts), families=_family_values(texts), app=MappingProxyType(app))
    return settings, (*_undeclared(source, declared), *found.strays)


def refuse_unknown(unknown: Collection[str], known: Collection[str]) -> None:
    """Stop the start-up when a name is left that nobody declared.

    :param unknown: what :func:`parse` found: names of settings, and variables of the environment.
    :param known: the settings declared since.
    :raises ConfigurationError: names the setting and the nearest valid name.

    >>> refuse_unknown(("paginate_bye",), ())
    Traceback (most recent call last):
      ...
    cliquet.errors.ConfigurationError: Unknown setting 'paginate_bye'. Did you mean 'paginate_by'?
    """
    endings = tuple(f"_{environment.variable(name)}" for name in known)
    for name in unknown:
        if name not in known and not (name.isupper() and name.endswith(endings)):
            what = f"in the variable {name!r}" if name.isupper() else repr(name)
            raise ConfigurationError(f"Unknown setting {what}.{_nearest(name, known)}")


def _nearest(name: str, known: Collection[str]) -> str:
    bare = name.partition("_")[2] if name.isupper() else name
    near = difflib.get_close_matches(bare.lower().replace("-", "_"), [*_ROWS, *known], n=1, cutoff=0.6)
    if near:
        return f" Did you mean {near[0]!r}?"
    return " An application declares settings of its own in `default_settings`."


def _in_table(name: str) -> bool:
    return name in _ROWS or family_of(name) is not None


def _policies(source: Source, given: Mapping[str, Any]) -> tuple[str, ...]:
    row = _ROWS["multiauth.policies"]
    texts = {row.name: row.default, **given, **environment.read(source.environ, source.project, (row.name,)).values}
    names: tuple[str, ...] = _typed(row.name, texts[row.name], row.type, None)
    return names


def _refuse_removed(names: Collection[str]) -> None:
    for name in names:
        if name in REMOVED:
            raise ConfigurationError(f"Setting {name!r} is gone: {REMOVED[name]}.")


def _row_values(texts: Mapping[str, Any]) -> dict[str, Any]:
    found = [(_ROWS[name], value) for name, value in texts.items() if name in _ROWS]
    return {row.attribute: _typed(row.name, value, row.type, row.least) for row, value in found}


def _family_values(texts: Mapping[str, Any]) -> Mapping[str, Any]:
    found = [(name, family_of(name), value) for name, value in texts.items() if name not in _ROWS]
    return MappingProxyType({name: _typed(name, value, it.type, it.least) for name, it, value in found if it})


def _undeclared(source: Source, declared: Collection[str]) -> list[str]:
    names = {source.bare(name): None for name in source.ini if source.is_ours(name)}
    return [name for name in names if not _in_table(name) and name not in declared]


def _typed(name: str, value: Any, wanted: Any, least: float | None) -> Any:
    try:
        return coerce(value, wanted, least=least)
    except ValueError as error:
        raise ConfigurationError(f"Setting {name!r}: {error}.") from None


def _app_value(name: str, value: Any, default: Any) -> Any:
    kind = type(default)
    if default is None or kind not in (bool, int, float, str, list, tuple):
        return value
    return _typed(name, value, tuple[str, ...] if kind in (list, tuple) else kind, None)


def _merged(source: Source, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values under their bare names; two spellings of one setting have to agree."""
    merged: dict[str, Any] = {}
    spelled: dict[str, str] = {}
    for name, value in values.items():
        bare = source.bare(name)
        if bare in merged and str(merged[bare]) != str(value):
            raise ConfigurationError(f"Settings {spelled[bare]!r} and {name!r} are in conflict.")
        merged[bare], spelled[bare] = value, name
    return merged
