"""Recognises users by the name and the password of their account."""

from __future__ import annotations

from pyramid.request import Request

from cliquet.errors import ConfigurationError
from cliquet.plugins.accounts.hashing import fault
from cliquet.plugins.accounts.passwords import RESET
from cliquet.plugins.accounts.service import KEY, Accounts
from cliquet.web import transactions
from cliquet.web.authentication import credentials
from cliquet.web.components import components

__all__ = ["AccountsPolicy", "is_reset"]

#: Where a request says that it was sent with a key instead of the password.
_RESET_FLAG = "cliquet.accounts.reset"


class AccountsPolicy:
    """The policy that ``multiauth.policy.account.use`` names: HTTP Basic, with the name and password of an account.

    >>> AccountsPolicy().challenge
    'Basic realm="Realm"'
    """

    challenge = 'Basic realm="Realm"'

    def __call__(self, request: Request) -> str | None:
        """The name of an account; ``None`` when it is nobody's, or the password is wrong."""
        accounts = request.registry.get(KEY)
        if accounts is None:
            raise ConfigurationError("Setting 'includes': accounts need cliquet.plugins.accounts there, too.")
        found = credentials(request)
        if found is None or not accounts.is_name(found[0]) or fault(found[1]):
            return None
        return found[0] if _is_right(request, accounts, *found) else None


def is_reset(request: Request) -> bool:
    """Whether a request was sent with the key from a mail, which is good for a new password and nothing else.

    >>> is_reset(Request.blank("/"))
    False
    """
    return _RESET_FLAG in request.environ


def _is_right(request: Request, accounts: Accounts, name: str, password: str) -> bool:
    transaction = transactions.current(request)
    if accounts.verifier.verify(name, password, transaction=transaction):
        return True
    if accounts.validation is None or not _changes(request, name):
        return False
    if accounts.verifier.verify_key(name, password, RESET, transaction=transaction):
        request.environ[_RESET_FLAG] = True
        return True
    return False


def _changes(request: Request, name: str) -> bool:
    """Whether a request is about to change an account."""
    path = f"/{components(request.registry).prefix}/accounts/{name}"
    return request.method in ("PUT", "PATCH") and request.environ.get("PATH_INFO") == path
