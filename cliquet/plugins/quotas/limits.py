"""How much may be stored where: what the settings say, the most specific of them first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cliquet.errors import ConfigurationError
from cliquet.model.access import Level
from cliquet.settings.read import refuse_unknown

__all__ = ["KINDS", "Limits"]

#: What may be limited: bytes and records below a record and in it, and the bytes of each record below it.
KINDS = ("max_bytes", "max_items", "max_bytes_per_item")


@dataclass(frozen=True)
class Limits:
    """The settings that begin with ``quotas.``.

    :param settings: numbers by name, such as ``quotas.bucket_max_bytes`` or ``quotas.bucket_b_max_bytes``.

    >>> limits = Limits({"quotas.bucket_max_items": 10, "quotas.bucket_b_max_items": 20})
    >>> limits.of([Level("bucket", "/buckets/b")], "max_items"), limits.of([Level("bucket", "/buckets/c")], "max_items")
    (20, 10)
    """

    settings: Mapping[str, int]

    @classmethod
    def read(cls, families: Mapping[str, Any], given: Iterable[str] = ()) -> Limits:
        """The limits among the settings.

        :param given: the names in the INI file.
        :raises ConfigurationError: when one of them is no limit.
        """
        refuse_unknown([name for name in given if name.startswith("quotas.") and name not in families], ())
        return cls({name: value for name, value in families.items() if name.startswith("quotas.")})

    def check(self, resources: Collection[str]) -> None:
        """Whether all limits are about resources that have others under them.

        :raises ConfigurationError: names the setting.
        """
        for name in self.settings:
            about = name.removeprefix("quotas.")
            if not any(about.startswith(f"{resource}_") for resource in resources):
                known = ", ".join(sorted(resources)) or "none"
                raise ConfigurationError(f"Setting {name!r}: quotas are those of {known}.")

    def of(self, levels: Iterable[Level], kind: str) -> int | None:
        """The limit of a record, if it has one.

        :param levels: the record, after those above it, from the root down.
        :param kind: one of :data:`KINDS`.
        """
        way = list(levels)
        ids = [level.uri.rpartition("/")[2] for level in way]
        names = ("_".join([f"quotas.{way[-1].resource}", *ids[:end], kind]) for end in range(len(ids), -1, -1))
        return next((self.settings[name] for name in names if name in self.settings), None)
