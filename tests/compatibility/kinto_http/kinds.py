"""The four kinds of objects, so that one test holds for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

KINDS = ("bucket", "collection", "group", "record")


@dataclass(frozen=True)
class Object:
    """One object of a kind, seen by a client; an answer is what the client gives.

    :param kind: one of ``KINDS``.
    :param client: of ``kinto_http``.
    :param id: of the object.
    """

    kind: str
    client: Any
    id: str

    def create(self, **options: Any) -> Any:
        """``create_record`` and the like."""
        return self._do("create", options)

    def get(self) -> Any:
        """``get_record`` and the like."""
        return self._do("get", {})

    def update(self, **options: Any) -> Any:
        """``update_record`` and the like."""
        return self._do("update", options)

    def patch(self, **options: Any) -> Any:
        """``patch_record`` and the like."""
        return self._do("patch", options)

    def delete(self, **options: Any) -> Any:
        """``delete_record`` and the like."""
        return self._do("delete", options)

    def seen_by(self, client: Any) -> Object:
        """The same object, for another client."""
        return Object(self.kind, client, self.id)

    def _do(self, verb: str, options: dict[str, Any]) -> Any:
        return getattr(self.client, f"{verb}_{self.kind}")(id=self.id, **options)
