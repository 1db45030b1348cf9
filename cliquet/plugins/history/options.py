"""The settings of the history, and what they mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from cliquet.errors import ConfigurationError
from cliquet.model.access import Level
from cliquet.settings.read import refuse_unknown

__all__ = ["DEFAULTS", "Options", "described", "is_below", "is_user"]

#: Settings and their defaults.
DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "history.resources": (),
        "history.exclude_resources": (),
        "history.exclude_user_ids": (),
        "history.max_age_days": 0,
        "history.auto_trim_max_count": -1,
        "history.auto_trim_threshold": 100,
        "history.auto_trim_user_ids": (),
    }
)


@dataclass(frozen=True)
class Options:
    """What is kept, and for how long.

    :param resources: the resources without a parent that have a history; empty is all that have others under them.
    :param exclude_resources: paths of records that have none, and nothing below them has.
    :param exclude_user_ids: whose changes have no entries; a ``*`` at the end stands for anything.
    :param max_age_days: the age from which on entries are forgotten; 0 is never.
    :param auto_trim_max_count: how many entries stay, of each record without a parent; not positive is all.
    :param auto_trim_threshold: after how many new entries a process looks whether there are too many.
    :param auto_trim_user_ids: whose entries are counted, each user's by themselves; empty is everybody's together.
    """

    resources: Sequence[str] = ()
    exclude_resources: Sequence[str] = ()
    exclude_user_ids: Sequence[str] = ()
    max_age_days: int = 0
    auto_trim_max_count: int = -1
    auto_trim_threshold: int = 100
    auto_trim_user_ids: Sequence[str] = ()

    @classmethod
    def read(cls, settings: Mapping[str, Any], given: Iterable[str] = ()) -> Options:
        """The options that settings make.

        :param given: the names in the INI file.
        :raises ConfigurationError: names the setting at fault.

        >>> Options.read({**DEFAULTS, "history.max_age_days": 30}).max_age_days
        30
        """
        refuse_unknown([name for name in given if name.startswith("history.")], DEFAULTS)
        for name, least in (("history.max_age_days", 0), ("history.auto_trim_threshold", 1)):
            if settings[name] < least:
                expected = f"a number of at least {least} is expected, got {settings[name]}"
                raise ConfigurationError(f"Setting {name!r}: {expected}.")
        return cls(**{name.removeprefix("history."): settings[name] for name in DEFAULTS})

    @property
    def most(self) -> int | None:
        """How many entries stay; ``None`` is all."""
        return self.auto_trim_max_count if self.auto_trim_max_count > 0 else None

    def wants(self, uri: str, user_id: str) -> bool:
        """Whether a change of a record by somebody has an entry."""
        return not is_below(uri, self.exclude_resources) and not is_user(user_id, self.exclude_user_ids)


def is_below(uri: str, excluded: Iterable[str]) -> bool:
    """Whether a path is one of some others, or below one of them.

    >>> is_below("/buckets/b/groups/g", ["/buckets/b"]), is_below("/buckets/b2", ["/buckets/b"])
    (True, False)
    """
    return any(uri == one or uri.startswith(f"{one}/") for one in excluded)


def is_user(user_id: str, patterns: Iterable[str]) -> bool:
    """Whether somebody is one of some users, or of those whose ids begin in a certain way.

    >>> is_user("plugin:signer", ["plugin:*"]), is_user("plugin:signer", ["plugin:"])
    (True, False)
    """
    return any(user_id.startswith(one.removesuffix("*")) if one.endswith("*") else user_id == one for one in patterns)


def described(options: Options, levels_of: Callable[[str], Iterable[Level]]) -> dict[str, Any]:
    """What the capability says beside its description.

    :param levels_of: a record and those above it, given its path; none when it is the path of no record.
    :raises ConfigurationError: when an excluded path is the path of no record.

    >>> described(Options(exclude_resources=["/buckets/b"]), lambda uri: [Level("bucket", uri)])
    {'excluded_resources': [{'bucket': 'b'}]}
    """
    excluded = []
    for uri in options.exclude_resources:
        ids = {level.resource: level.uri.rpartition("/")[2] for level in levels_of(uri)}
        if not ids:
            raise ConfigurationError(f"Setting 'history.exclude_resources': {uri!r} is the path of no record.")
        excluded.append(ids)
    found = {
        "auto_trim_max_count": options.most,
        "auto_trim_user_ids": list(options.auto_trim_user_ids),
        "excluded_resources": excluded,
    }
    return {name: value for name, value in found.items() if value}
