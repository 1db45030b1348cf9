"""Adds the accounts to an application."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from pyramid.config import Configurator

from cliquet.bootstrap import load_default_settings
from cliquet.errors import ConfigurationError
from cliquet.plugins.accounts import options, validation
from cliquet.plugins.accounts.gate import Gate
from cliquet.plugins.accounts.hashing import Cost, Hasher
from cliquet.plugins.accounts.invitation import Invitation
from cliquet.plugins.accounts.passwords import Passwords
from cliquet.plugins.accounts.policy import AccountsPolicy
from cliquet.plugins.accounts.resource import Account
from cliquet.plugins.accounts.service import KEY, Accounts, accounts
from cliquet.plugins.accounts.validation import Validation
from cliquet.plugins.accounts.verification import Verifier
from cliquet.web.authentication import basicauth
from cliquet.web.components import Components, components
from cliquet.web.events import ResourceChanged

__all__ = ["includeme"]


def includeme(config: Configurator) -> None:
    """What a service gets that names ``cliquet.plugins.accounts`` in ``includes``."""
    load_default_settings(config, options.DEFAULTS)
    settings, parts = config.registry.settings, components(config.registry)
    options.check(settings)
    options.check_principals(parts.settings.families)
    families = options.with_administrators(parts.settings.families)
    parts.settings = dataclasses.replace(parts.settings, families=families)
    enabled = settings["account_validation"]
    if enabled:
        config.include("cliquet.plugins.accounts.mail")
    config.add_resource(Account, name="account", collection_path="/accounts")
    config.registry[KEY] = _accounts(config.registry, parts, settings)
    config.add_subscriber(_retire, ResourceChanged, for_actions=("delete",), for_resources=("account",))
    config.add_api_capability(
        "accounts", "Manage user accounts.", parts.settings.project_docs, validation_enabled=enabled
    )
    if enabled:
        config.include("cliquet.plugins.accounts.endpoints")
    if not parts.settings.readonly:
        config.include("cliquet.plugins.accounts.setup_endpoint")


def _accounts(registry: Any, parts: Components, settings: Mapping[str, Any]) -> Accounts:
    if parts.storage is None or parts.permission is None:
        raise ConfigurationError("Settings 'storage_backend' and 'permission_backend': accounts need both.")
    cost = Cost(*(settings[f"account_argon2_{name}"] for name in ("passes", "memory_kib", "lanes")))
    gate = Gate(working=settings["account_hashes_at_once"], waiting=settings["account_hashes_waiting"])
    passwords, hasher = Passwords(parts.storage), Hasher(cost, gate, parts.metrics)
    return Accounts(
        _policy(parts),
        parts.storage,
        parts.permission,
        passwords,
        hasher,
        _verifier(parts, settings, passwords, hasher),
        parts.clock,
        Invitation(parts.clock, ttl=settings["account_setup_ttl_seconds"] * 1000),
        parts.resources["account-record"].id_generator,
        _validation(registry, parts, settings, passwords),
    )


def _verifier(parts: Components, settings: Mapping[str, Any], passwords: Passwords, hasher: Hasher) -> Verifier:
    return Verifier(
        passwords,
        hasher,
        parts.cache,
        lambda: parts.settings.userid_hmac_secret,  # which is made up later, where none is set
        parts.clock,
        ttl=settings["account_cache_ttl_seconds"],
        renew=not parts.settings.readonly,
        validation=settings["account_validation"],
    )


def _validation(
    registry: Any, parts: Components, settings: Mapping[str, Any], passwords: Passwords
) -> Validation | None:
    if not settings["account_validation"]:
        return None
    post = registry[f"{KEY}.post"]
    return validation.load(
        settings, passwords, post.add, secret=lambda: parts.settings.userid_hmac_secret, clock=parts.clock
    )


def _policy(parts: Components) -> str:
    """The name of the policy that asks for accounts.

    :raises ConfigurationError: when there is none, or it is never asked.
    """
    names = [name for name, policy in parts.policies.items() if isinstance(policy, AccountsPolicy)]
    if not names:
        raise ConfigurationError(
            "Setting 'multiauth.policies': no policy knows the accounts. Set multiauth.policies = account and "
            "multiauth.policy.account.use = cliquet.plugins.accounts.AccountsPolicy"
        )
    order = list(parts.policies.values())
    if basicauth in order and order.index(basicauth) < order.index(parts.policies[names[0]]):
        raise ConfigurationError(
            f"Setting 'multiauth.policies': {names[0]} has to come before basicauth, which takes every password."
        )
    return names[0]


def _retire(event: ResourceChanged) -> None:
    assert event.transaction is not None, "the event comes before the commit"
    for change in event.changes:
        accounts(event.request.registry).retire(change.id, event.transaction)
