"""The validators of schemas that were used lately."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cliquet.protocol import body

if TYPE_CHECKING:
    from cliquet.plugins.json_schema.validator import Validator

__all__ = ["Validators"]


class Validators:
    """Makes validators, and keeps those used last; one for each application and process.

    :param formats: whether texts have to be of their ``format``.
    :param max_bytes: about how much memory they may take together.

    >>> validators = Validators()
    >>> validators.of({"type": "object"}) is validators.of({"type": "object"})
    True
    """

    def __init__(self, *, formats: bool = False, max_bytes: int = 67_108_864) -> None:
        self._formats = formats
        self._left = max_bytes
        self._kept: OrderedDict[bytes, Validator] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, schema: Mapping[str, Any]) -> Validator:
        """The validator of a schema.

        :raises UnfitSchema: when it is not valid, or not acceptable.
        """
        key = hashlib.blake2b(body.encode(schema), digest_size=32).digest()
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        from cliquet.plugins.json_schema.validator import Validator  # its engine is for those who have schemas

        made = Validator(schema, formats=self._formats)
        self._keep(key, made)
        return made

    def _keep(self, key: bytes, made: Validator) -> None:
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = made
            self._left -= made.memory
            while self._left < 0:
                _, dropped = self._kept.popitem(last=False)
                self._left += dropped.memory
