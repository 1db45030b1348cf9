"""How passwords become hashes, and are compared with them."""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass
from types import ModuleType

from cliquet.errors import Overloaded
from cliquet.monitoring.metrics import Metrics, NoMetrics
from cliquet.plugins.accounts.gate import Gate

try:
    import argon2
except ImportError as missing:
    raise ImportError(f"{missing}; type: pip install 'cliquet[accounts]'") from missing

bcrypt: ModuleType | None
try:
    import bcrypt
except ImportError:
    bcrypt = None

__all__ = ["LONGEST_PASSWORD_BYTES", "Cost", "Hasher", "fault"]

LONGEST_PASSWORD_BYTES = 4096
_NO_HASH = "A hash of argon2 or bcrypt is expected."
_TOO_DEAR = "Checking this hash would cost too much."
#: What bcrypt reads of a password; it never looked at the rest.
_BCRYPT_BYTES = 72
_BCRYPT = re.compile(r"\$2[aby]\$(?P<cost>\d\d)\$[./A-Za-z0-9]{53}", re.ASCII)
_ARGON2 = re.compile(
    r"\$argon2(id|i|d)\$v=\d\d\$m=(?P<memory>\d{1,6}),t=(?P<passes>\d{1,3}),p=(?P<lanes>\d{1,3})"
    r"(\$[A-Za-z0-9+/]{11,128}){2}",
    re.ASCII,
)
#: Most that checking a hash from elsewhere may cost: a power of two of rounds, and KiB, passes, lanes.
_MOST = {"cost": 14, "memory": 131_072, "passes": 10, "lanes": 8}
_SALT_BYTES, _HASH_BYTES = 16, 32


@dataclass(frozen=True)
class Cost:
    """What one hash costs; the defaults are those of OWASP.

    :param passes: over the memory.
    :param memory: in KiB.
    :param lanes: threads.

    >>> Cost().memory
    19456
    """

    passes: int = 2
    memory: int = 19_456
    lanes: int = 1


class Hasher:
    """Hashes with argon2id, and checks these hashes and older ones of bcrypt, a few at a time.

    :param gate: how many at a time.
    :param metrics: counts every hash that is worked out, as ``accounts.hash``.

    >>> hasher = Hasher(Cost(passes=1, memory=8))
    >>> encoded = hasher.hash("s3cret")
    >>> hasher.matches(encoded, "s3cret"), hasher.matches(encoded, "wrong"), hasher.matches(hasher.nobody, "s3cret")
    (True, False, False)
    """

    def __init__(self, cost: Cost, gate: Gate | None = None, metrics: Metrics | None = None) -> None:
        self._argon2 = argon2.PasswordHasher(cost.passes, cost.memory, cost.lanes, _HASH_BYTES, _SALT_BYTES)
        self._gate = gate or Gate(working=1, waiting=0)
        self._metrics = metrics or NoMetrics()
        #: A hash that no password has, and that costs as much as any to check.
        self.nobody = _unreachable(cost)

    def hash(self, password: str) -> str:
        """A hash, which says itself how it was made.

        :raises Overloaded: when too many others are at it.
        """
        with self._gate.turn():
            self._metrics.count("accounts.hash")
            try:
                return self._argon2.hash(password)
            except argon2.exceptions.HashingError as error:
                raise Overloaded(error) from error

    def matches(self, encoded: str, password: str) -> bool:
        """Whether a hash was made of a password.

        :raises Overloaded: when too many others are at it.
        """
        with self._gate.turn():
            self._metrics.count("accounts.hash")
            if encoded.startswith("$2"):
                return self._bcrypt_matches(encoded, password)
            return self._argon2_matches(encoded, password)

    def is_outdated(self, encoded: str) -> bool:
        """Whether a hash would be made otherwise today."""
        return encoded.startswith("$2") or self._argon2.check_needs_rehash(encoded)

    def fault(self, encoded: object) -> str | None:
        """What is wrong with a hash that was made elsewhere; ``None`` when it can be used.

        >>> Hasher(Cost(passes=1, memory=8)).fault("$2b$31$" + "x" * 53)
        'Checking this hash would cost too much.'
        """
        found = (_BCRYPT.fullmatch(encoded) or _ARGON2.fullmatch(encoded)) if isinstance(encoded, str) else None
        if found is None:
            return _NO_HASH
        if bcrypt is None and "cost" in found.groupdict():
            return "Hashes of bcrypt need the package bcrypt on the server."
        if any(int(size) > _MOST[name] for name, size in found.groupdict().items()):
            return _TOO_DEAR
        return self._try(found.string)

    def _try(self, encoded: str) -> str | None:
        try:
            self.matches(encoded, "")
        except (Overloaded, ValueError) as error:
            if isinstance(error, Overloaded) and error.original is None:
                raise
            return _NO_HASH
        return None

    def _argon2_matches(self, encoded: str, password: str) -> bool:
        try:
            return self._argon2.verify(encoded, password)
        except argon2.exceptions.VerifyMismatchError:
            return False
        except argon2.exceptions.VerificationError as error:
            raise Overloaded(error) from error

    def _bcrypt_matches(self, encoded: str, password: str) -> bool:
        if bcrypt is None:
            return self._argon2_matches(self.nobody, password)
        return bool(bcrypt.checkpw(password.encode()[:_BCRYPT_BYTES], encoded.encode()))


def fault(password: object) -> str | None:
    """What is wrong with a password, for the one who chose it; ``None`` when nothing is.

    >>> fault("s3cret"), fault(""), fault("x" * 5000)
    (None, 'A password is a text that is not empty.', 'A password has at most 4096 bytes.')
    """
    if not isinstance(password, str) or not password:
        return "A password is a text that is not empty."
    try:
        size = len(password.encode())
    except UnicodeEncodeError:
        return "A password consists of characters of Unicode."
    if size > LONGEST_PASSWORD_BYTES:
        return f"A password has at most {LONGEST_PASSWORD_BYTES} bytes."
    return "A password has no NUL." if "\0" in password else None


def _unreachable(cost: Cost) -> str:
    """Random bytes in the place of a hash: there is nothing to work out, and no password that fits."""
    salt, digest = (_base64(secrets.token_bytes(size)) for size in (_SALT_BYTES, _HASH_BYTES))
    return f"$argon2id$v=19$m={cost.memory},t={cost.passes},p={cost.lanes}${salt}${digest}"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
