"""``cliquet create-user``: make an account, or give it another password."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
from pyramid.config import global_registries

from cliquet.cli.ini import load, option
from cliquet.database.transaction import Transaction

if TYPE_CHECKING:
    from cliquet.plugins.accounts import Accounts

__all__ = ["create_user"]


@click.command("create-user")
@option
@click.option("--username", "-u", required=True, help="The name of the account.")
@click.option("--password", "-p", default=None, help="The password; asked for when missing, or read from a pipe.")
@click.option("--admin", is_flag=True, help="Let the account administer all accounts.")
def create_user(ini: Path, username: str, password: str | None, admin: bool) -> None:
    """Make an account, or give an account another password."""
    found = _accounts(ini)
    if not found.is_name(username):
        _refuse(1, f"{username!r} is no name: letters, digits, and + . @ _ - inside.")
    encoded = _encoded(found, _typed() if password is None else password)
    with Transaction() as transaction:
        change = found.save(username, encoded, administrator=admin, transaction=transaction)
    done = "created" if change.old is None else "given another password"
    click.echo(f"{found.principal(username)} was {done}." + (" It administers all accounts." if admin else ""))


def _accounts(ini: Path) -> Accounts:
    parts = load(ini).parts
    if parts.settings.readonly:
        _refuse(51, "The service is read-only (setting 'readonly'): it cannot store an account.")
    found: Accounts | None = global_registries.last.get("cliquet.accounts")
    if found is None:
        _refuse(52, "The service has no accounts: name cliquet.plugins.accounts in the setting 'includes'.")
    if not found.storage.durable or not found.permission.durable:
        _refuse(54, "The service keeps accounts in memory: this one would be gone with this command.")
    return found


def _typed() -> str:
    """The password that somebody types, unseen and twice, or that comes through a pipe."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    try:
        found: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    except click.Abort:
        _refuse(53, "Nothing was done.")
    return found


def _encoded(found: Accounts, password: str) -> str:
    if problem := found.password_fault(password):
        _refuse(1, problem)
    return found.hasher.hash(password)


def _refuse(code: int, text: str) -> NoReturn:
    """End with an exit code of its own."""
    click.echo(f"Error: {text}", err=True)
    raise SystemExit(code)
