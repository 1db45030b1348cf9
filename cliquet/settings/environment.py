"""Which settings the variables of the environment give."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cliquet.settings.table import family_of, rows

__all__ = ["Given", "read", "variable"]

_ROWS = tuple(row.name for row in rows())
_POLICY = "multiauth_policy_"
_TOOLKIT = "CLIQUET"


@dataclass(frozen=True)
class Given:
    """What the environment says.

    :param values: texts by the names of settings.
    :param strays: the variables that look like settings and are none.
    """

    values: Mapping[str, str]
    strays: tuple[str, ...] = ()


def read(environ: Mapping[str, str], project: str, names: Iterable[str], policies: Iterable[str] = ()) -> Given:
    """The settings in the environment; the toolkit's spelling wins over the project's.

    :param names: the settings that exist, beside the families.
    :param policies: the names of the authentication policies, which may have underscores.

    >>> read({"CLIQUET_BACKOFF": "3", "KINTO_BACKOFF": "4", "CLIQUET_BACKOF": "5"}, "kinto", ["backoff"])
    Given(values={'backoff': '3'}, strays=('CLIQUET_BACKOF',))
    """
    spelled = {variable(name): name for name in names}
    values: dict[str, str] = {}
    strays: list[str] = []
    for prefix in dict.fromkeys(filter(None, (variable(project), _TOOLKIT))):
        for full, rest in _variables(environ, prefix):
            name = spelled.get(rest) or _family_member(rest.lower(), tuple(policies))
            if name is not None:
                values[name] = environ[full]
            elif _is_typo(full, prefix, variable(project)):
                strays.append(full)
    return Given(values, tuple(strays))


def variable(name: str) -> str:
    """The spelling of a name in the environment, without the prefix.

    >>> variable("multiauth.policies")
    'MULTIAUTH_POLICIES'
    """
    return name.upper().replace(".", "_").replace("-", "_").replace(" ", "_")


def _variables(environ: Mapping[str, str], prefix: str) -> Iterator[tuple[str, str]]:
    for full in environ:
        if full.startswith(f"{prefix}_") and not _is_reserved(full):
            yield full, full[len(prefix) + 1 :]


def _is_reserved(full: str) -> bool:
    """Whether a variable belongs to the tests or to the command line."""
    return full == "CLIQUET_INI" or full.startswith("CLIQUET_TEST_")


def _family_member(lowered: str, policies: tuple[str, ...]) -> str | None:
    if lowered.startswith(_POLICY):
        names = [_policy_setting(lowered.removeprefix(_POLICY), policies)]
    else:
        names = [lowered, lowered.replace("_", ".", 1)]
    return next((name for name in names if family_of(name)), None)


def _policy_setting(rest: str, policies: tuple[str, ...]) -> str:
    for policy in sorted(policies, key=len, reverse=True):
        beginning = f"{variable(policy).lower()}_"
        if rest.startswith(beginning):
            return f"multiauth.policy.{policy}.{rest.removeprefix(beginning)}"
    policy, _, option = rest.partition("_")
    return f"multiauth.policy.{policy}.{option}"


def _is_typo(full: str, prefix: str, project: str) -> bool:
    """Every unknown ``CLIQUET_*`` is one; a project's variables may serve other programs too."""
    if prefix == _TOOLKIT:
        return project == _TOOLKIT or not project or not full.startswith(f"{project}_")
    return bool(difflib.get_close_matches(full[len(prefix) + 1 :].lower(), _ROWS, n=1, cutoff=0.85))
