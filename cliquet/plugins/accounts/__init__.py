"""Users as records of the service: a name, a password, and what each may do with their own account."""

from __future__ import annotations

from cliquet.plugins.accounts.include import includeme
from cliquet.plugins.accounts.options import ADMINISTRATORS
from cliquet.plugins.accounts.policy import AccountsPolicy
from cliquet.plugins.accounts.service import Accounts, accounts

__all__ = ["ADMINISTRATORS", "Accounts", "AccountsPolicy", "accounts", "includeme"]
