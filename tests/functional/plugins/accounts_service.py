"""A service whose users have accounts, for tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from pyramid.config import Configurator

import cliquet
from cliquet import resource
from cliquet.plugins.accounts import Accounts, accounts
from cliquet.testing.app import SETTINGS, Client

__all__ = ["ACCOUNTS", "Memo", "Shelf", "in_memory", "main", "make", "of", "sign_up"]

#: Settings of the plugin with hashes that cost nothing.
ACCOUNTS: Mapping[str, Any] = MappingProxyType(
    {
        "includes": "cliquet.plugins.accounts",
        "multiauth.policies": "account basicauth",
        "multiauth.policy.account.use": "cliquet.plugins.accounts.AccountsPolicy",
        "account_create_principals": "system.Everyone",
        "account_argon2_memory_kib": "8",
        "account_argon2_passes": "1",
        "account_hashes_waiting": "64",
    }
)


class Memo(resource.UserResource):
    """What a user keeps for themselves."""

    schema = resource.Anything


class Shelf(resource.ShareableResource):
    """What users share."""

    schema = resource.Anything


def make(settings: Mapping[str, Any], configure: Callable[[Configurator], None] = lambda config: None) -> Any:
    """The WSGI application: accounts, memos and shelves."""
    config = Configurator(settings={**settings})
    cliquet.initialize(config, version="1.0")
    config.add_resource(Memo)
    config.add_resource(Shelf)
    configure(config)
    return config.make_wsgi_app()


def in_memory(
    settings: Mapping[str, Any] = MappingProxyType({}), configure: Callable[[Configurator], None] = lambda config: None
) -> Client:
    """The application in memory, used by nobody in particular."""
    permission = {"permission_backend": "cliquet.permission.memory"}
    return Client(make({**SETTINGS, **permission, **ACCOUNTS, **settings}, configure), None)


def of(app: Client) -> Accounts:
    """The accounts of an application."""
    return accounts(app.app.registry)


def sign_up(app: Client, name: str, password: str = "s3cret", **fields: Any) -> Client:
    """A new account, and the application as its user sees it."""
    app.anonymous().put_json(f"/v1/accounts/{name}", {"data": {"password": password, **fields}}, status=201)
    return app.as_user(name, password)


def main(global_config: Any = None, **settings: Any) -> Any:
    """The application of an INI file."""
    return make(settings)
