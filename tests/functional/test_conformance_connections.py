"""The conformance kit hangs up whatever it has called."""

from __future__ import annotations

import io

import pytest

import kinto
from cliquet.conformance import run
from tests.functional.toy_connections import serving

SETTINGS = {
    **{f"{kind}_backend": f"cliquet.{kind}.memory" for kind in ("storage", "cache", "permission")},
    "project_name": "kinto",
    "includes": "cliquet.plugins.accounts",
    "multiauth.policies": "account",
    "multiauth.policy.account.use": "cliquet.plugins.accounts.AccountsPolicy",
    "account_create_principals": "system.Everyone",
    # What a hash costs is nothing that a client can tell.
    "account_argon2_passes": "1",
    "account_argon2_memory_kib": "8",
}


SECTIONS = ["accounts#accounts", "accounts#signing-up", "accounts#signing-in"]


@pytest.mark.filterwarnings("error")
def test_users_who_signed_in_hang_up() -> None:
    """A connection that nobody closed is a warning, and so the case that opened it fails."""
    report = io.StringIO()
    with serving(kinto.main(None, **SETTINGS)) as url:
        code = run(url, kinto=True, only=SECTIONS, report=report)
    assert code == 0, report.getvalue()
    assert "SKIPPED" not in report.getvalue()
