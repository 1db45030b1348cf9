"""The token that leads from one page to the next (``docs/protocol/reading``)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterable

import msgspec

from cliquet.errors import InvalidInput, Problem
from cliquet.protocol.order import Key

__all__ = ["Tokens", "binding"]

_SIGNATURE = 16
#: Parameters that may differ between the pages of one walk.
_FREE = frozenset({"_token", "_limit", "_fields"})


def binding(path: str, owner: str, parameters: Iterable[tuple[str, str]]) -> bytes:
    """What a token is good for: one path, one owner, the same filters, the same sort.

    >>> binding("/articles", "a", [("n", "1"), ("_limit", "2")]) == binding("/articles", "a", [("n", "1")])
    True
    """
    bound = sorted(((name, text) for name, text in parameters if name not in _FREE), key=lambda pair: pair[0])
    return json.dumps([path, owner, bound]).encode()


class Tokens:
    """Makes and reads page tokens; a client can neither make nor change one, though it could see what is inside.

    :param secret: the server's secret, any length.

    >>> tokens = Tokens("secret")
    >>> tokens.read(tokens.make((Key(1, 0, "a"),), b"here"), b"here")
    (Key(rank=1, number=0, text='a'),)
    """

    def __init__(self, secret: str) -> None:
        self._secret = hmac.digest(secret.encode(), b"cliquet page token", "sha256")

    def make(self, position: tuple[Key, ...], bound: bytes) -> str:
        """The token that continues after ``position``."""
        return self._signed(msgspec.json.encode([_short(key) for key in position]), bound)

    def read(self, token: str, bound: bytes) -> tuple[Key, ...]:
        """The position in a token.

        :raises InvalidInput: when it was not made by :meth:`make` with the same secret for the same thing.
        """
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise _invalid() from None
        payload = raw[_SIGNATURE:]
        if not hmac.compare_digest(token, self._signed(payload, bound)):
            raise _invalid()
        return tuple(_long(item) for item in msgspec.json.decode(payload))

    def _signed(self, payload: bytes, bound: bytes) -> str:
        signature = hmac.digest(self._secret, hashlib.sha256(bound).digest() + payload, "sha256")[:_SIGNATURE]
        return base64.urlsafe_b64encode(signature + payload).decode().rstrip("=")


def _short(key: Key) -> list[object]:
    return [key.rank, key.number if key.rank == 2 else key.text]


def _long(item: list[object]) -> Key:
    rank, value = item
    return Key(rank, value) if rank == 2 else Key(rank, 0, value)  # type: ignore[arg-type]  # signed by ourselves


def _invalid() -> InvalidInput:
    return InvalidInput(Problem("querystring", "_token", "_token has invalid content"))
