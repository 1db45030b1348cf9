"""Settings that make no sense stop the start, by name."""

from __future__ import annotations

from typing import Any

import pytest

from cliquet.errors import ConfigurationError
from cliquet.plugins.accounts.options import ADMINISTRATORS, DEFAULTS, check, check_principals, with_administrators


def test_the_defaults_are_fine() -> None:
    check(DEFAULTS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("account_cache_ttl_seconds", -1),
        ("account_argon2_passes", 0),
        ("account_argon2_memory_kib", 7),
        ("account_argon2_lanes", 0),
        ("account_hashes_at_once", 0),
        ("account_hashes_waiting", -1),
        ("account_setup_ttl_seconds", 0),
        ("account_validation.email_regexp", "(["),
        ("account_validation.validation_key_cache_ttl_seconds", 0),
    ],
)
def test_a_value_that_makes_no_sense_is_named(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=name):
        check({**DEFAULTS, name: value})


def test_each_lane_needs_memory() -> None:
    with pytest.raises(ConfigurationError, match="account_argon2_memory_kib"):
        check({**DEFAULTS, "account_argon2_memory_kib": 16, "account_argon2_lanes": 4})


@pytest.mark.parametrize(
    "families",
    [
        {},
        {"account_create_principals": ("system.Everyone",)},
        {"account_create_principals": ("account:a",), "account_write_principals": ("account:b", "account:a")},
        {"account_write_principals": ("account:b",)},
    ],
)
def test_who_creates_accounts_for_others_may_change_them(families: dict[str, Any]) -> None:
    check_principals(families)


@pytest.mark.parametrize("principal", ["account:bob", "system.Authenticated", "/buckets/b/groups/g"])
def test_who_creates_accounts_and_may_not_change_them_is_named_with_the_reason(principal: str) -> None:
    families = {"account_create_principals": ("account:a", principal), "account_write_principals": ("account:a",)}
    with pytest.raises(ConfigurationError) as refused:
        check_principals(families)
    assert principal in str(refused.value)
    assert "account_write_principals" in str(refused.value)
    assert "no account but their own" in str(refused.value)


def test_administrators_are_added_to_those_of_the_settings() -> None:
    found = with_administrators({"account_read_principals": ("account:a",), "note_read_principals": ("account:b",)})
    assert found["account_read_principals"] == ("account:a", ADMINISTRATORS)
    assert found["account_create_principals"] == (ADMINISTRATORS,)
    assert found["note_read_principals"] == ("account:b",)
