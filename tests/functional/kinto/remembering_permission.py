"""The permissions of a control: who was allowed something is allowed it a little longer."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from cliquet.database import postgresql, sqlite
from cliquet.database.transaction import Transaction
from cliquet.permission.postgresql import PostgreSQLDialect
from cliquet.permission.sql.permission import SQLPermission
from cliquet.permission.sqlite import SQLiteDialect

__all__ = ["RememberingPermission", "load_from_config"]

#: For how many seconds an answer is good.
LIFETIME = 1.0


class RememberingPermission(SQLPermission):
    """Remembers what it answered, as a cache in the process would."""

    answers: dict[Any, tuple[float, bool]]

    def check(
        self,
        wanted: Iterable[tuple[str, str]],
        principals: Iterable[str],
        *,
        user_id: str | None = None,
        named: Iterable[str] = (),
        transaction: Transaction | None = None,
    ) -> bool:
        asked = frozenset(wanted), frozenset(principals), user_id, frozenset(named)
        when, answer = self.answers.get(asked, (0.0, False))
        if not answer or time.monotonic() > when:
            found = super().check(asked[0], asked[1], user_id=user_id, named=asked[3], transaction=transaction)
            self.answers[asked] = time.monotonic() + LIFETIME, found
        return self.answers[asked][1]


def load_from_config(config: Any) -> RememberingPermission:
    """The backend that ``permission_url`` asks for."""
    registry = config.registry
    if registry["cliquet.settings"].permission_url.startswith("sqlite"):
        found = RememberingPermission(sqlite.from_settings(registry, "permission"), SQLiteDialect())
    else:
        found = RememberingPermission(postgresql.from_settings(registry, "permission"), PostgreSQLDialect())
    found.answers = {}
    return found
