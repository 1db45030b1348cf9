"""The settings of the accounts, and what they have to be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from cliquet.errors import ConfigurationError
from cliquet.permission.base import EVERYONE
from cliquet.plugins.accounts import templates

__all__ = ["ADMINISTRATORS", "DEFAULTS", "check", "check_principals", "with_administrators"]

#: The group of those who administer accounts. It is no object: nobody becomes a member by a request.
ADMINISTRATORS = "/__administrators__"

#: Settings and their defaults.
DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "account_cache_ttl_seconds": 30.0,
        "account_argon2_passes": 2,
        "account_argon2_memory_kib": 19_456,
        "account_argon2_lanes": 1,
        "account_hashes_at_once": 2,
        "account_hashes_waiting": 4,
        "account_setup_ttl_seconds": 3600,
        "account_validation": False,
        "account_validation.email_sender": "admin@example.com",
        "account_validation.email_regexp": r"[a-zA-Z0-9][a-zA-Z0-9_.+-]*@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+",
        "account_validation.email_interval_seconds": 60,
        "account_validation.validation_key_cache_ttl_seconds": 604_800,
        "account_validation.reset_password_cache_ttl_seconds": 604_800,
        **templates.DEFAULTS,
        # Of pyramid_mailer, so that they may come from the environment as well.
        "mail.host": "localhost",
        "mail.port": 25,
        "mail.username": "",
        "mail.password": "",
        "mail.tls": False,
        "mail.ssl": False,
        "mail.mailer": "",
    }
)
_LEAST = {
    "account_cache_ttl_seconds": 0,
    "account_argon2_passes": 1,
    "account_argon2_memory_kib": 8,
    "account_argon2_lanes": 1,
    "account_hashes_at_once": 1,
    "account_hashes_waiting": 0,
    "account_setup_ttl_seconds": 1,
    "account_validation.email_interval_seconds": 0,
    "account_validation.validation_key_cache_ttl_seconds": 1,
    "account_validation.reset_password_cache_ttl_seconds": 1,
}


def check(settings: Mapping[str, Any]) -> None:
    """Whether the settings make sense.

    :raises ConfigurationError: names the setting at fault.

    >>> check({**DEFAULTS, "account_argon2_passes": 0})
    Traceback (most recent call last):
      ...
    cliquet.errors.ConfigurationError: Setting 'account_argon2_passes': a number of at least 1 is expected, got 0.
    """
    for name, least in _LEAST.items():
        if settings[name] < least:
            expected = f"a number of at least {least} is expected, got {settings[name]}"
            raise ConfigurationError(f"Setting {name!r}: {expected}.")
    if settings["account_argon2_memory_kib"] < 8 * settings["account_argon2_lanes"]:
        raise ConfigurationError("Setting 'account_argon2_memory_kib': each lane needs 8 KiB.")
    try:
        re.compile(settings["account_validation.email_regexp"])
    except re.error as error:
        raise ConfigurationError(f"Setting 'account_validation.email_regexp': {error}.") from None


def check_principals(families: Mapping[str, Any]) -> None:
    """Whether everybody who may create accounts for others may change them as well.

    :raises ConfigurationError: names who may not.

    >>> check_principals({"account_create_principals": ("system.Everyone",)})
    >>> check_principals({"account_create_principals": ("basicauth:bob",)})
    Traceback (most recent call last):
      ...
    cliquet.errors.ConfigurationError: Setting 'account_create_principals': basicauth:bob is not ...
    """
    creators, writers = (families.get(f"account_{verb}_principals", ()) for verb in ("create", "write"))
    for principal in creators:
        if principal not in (EVERYONE, *writers):
            raise ConfigurationError(
                f"Setting 'account_create_principals': {principal} is not among 'account_write_principals'. Users who "
                "are no administrators can create no account but their own, which they have already: name "
                f"{principal} there, too, or let {EVERYONE} create accounts."
            )


def with_administrators(families: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    """The same, where the administrators may create, read and write all accounts.

    >>> with_administrators({})["account_write_principals"]
    ('/__administrators__',)
    """
    names = [f"account_{verb}_principals" for verb in ("create", "read", "write")]
    return MappingProxyType({**families, **{name: (*families.get(name, ()), ADMINISTRATORS) for name in names}})
