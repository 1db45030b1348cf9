"""``cliquet create-user``, as it is typed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cliquet.cli.create_user import create_user
from cliquet.plugins.accounts import ADMINISTRATORS
from cliquet.testing.app import Client
from tests.functional.plugins.accounts_service import ACCOUNTS, make, of

ROOT = Path(__file__).parents[3]


@pytest.fixture
def stored(sqlite_settings: dict[str, Any]) -> dict[str, Any]:
    """Settings of the service on a SQLite file."""
    permission = {"permission_backend": "cliquet.permission.sqlite", "permission_url": sqlite_settings["storage_url"]}
    return {**sqlite_settings, **permission, **ACCOUNTS, "logging_renderer": "console"}


@pytest.fixture
def ini(stored: dict[str, Any], tmp_path: Path) -> Path:
    """The INI file of the service."""
    return written(tmp_path / "service.ini", stored)


def written(path: Path, settings: dict[str, Any]) -> Path:
    lines = ["[app:main]", "use = call:tests.functional.plugins.accounts_service:main"]
    path.write_text("\n".join([*lines, *(f"{name} = {value}" for name, value in settings.items())]))
    return path


def typed(ini: Path, *arguments: str, pipe: str = "") -> Result:
    return CliRunner().invoke(create_user, ["--ini", str(ini), *arguments], input=pipe)


@pytest.fixture
def app(stored: dict[str, Any]) -> Client:
    """The service that is running meanwhile."""
    return Client(make(stored), None)


def test_an_account_is_made(ini: Path, app: Client) -> None:
    done = typed(ini, "-u", "alice", "-p", "s3cret")
    assert (done.exit_code, done.stdout) == (0, "account:alice was created.\n")
    alice = app.as_user("alice", "s3cret")
    assert alice.get("/v1/accounts/alice").json["permissions"] == {"write": ["account:alice"]}
    assert ADMINISTRATORS not in alice.get("/v1/").json["user"]["principals"]


def test_an_administrator_is_made_while_the_service_runs(ini: Path, app: Client) -> None:
    done = typed(ini, "--username", "root", "--admin", pipe="s3cret\n")
    assert (done.exit_code, done.stdout) == (0, "account:root was created. It administers all accounts.\n")
    root = app.as_user("root", "s3cret")
    assert ADMINISTRATORS in root.get("/v1/").json["user"]["principals"]
    root.put_json("/v1/accounts/bob", {"data": {"password": "x"}}, status=201)


def test_a_forgotten_password_is_replaced_and_the_rest_stays(ini: Path, app: Client) -> None:
    app.put_json("/v1/accounts/alice", {"data": {"password": "old", "color": "red"}})
    assert app.as_user("alice", "old").get("/v1/accounts/alice").json["data"]["color"] == "red"
    done = typed(ini, "-u", "alice", "-p", "new")
    assert (done.exit_code, done.stdout) == (0, "account:alice was given another password.\n")
    assert app.as_user("alice", "old").get("/v1/").json["user"]["id"] != "account:alice"
    assert app.as_user("alice", "new").get("/v1/accounts/alice").json["data"]["color"] == "red"


def test_the_name_of_somebody_who_is_gone_is_given_again(ini: Path, app: Client) -> None:
    typed(ini, "-u", "alice", "-p", "old")
    app.as_user("alice", "old").delete("/v1/accounts/alice")
    assert typed(ini, "-u", "alice", "-p", "new").stdout == "account:alice was created.\n"
    assert app.as_user("alice", "new").get("/v1/accounts/alice")


@pytest.mark.parametrize(
    ("arguments", "pipe", "text"),
    [
        (("-u", "a b", "-p", "x"), "", "is no name"),
        (("-u", "alice", "-p", ""), "", "not empty"),
        (("-u", "alice"), "", "not empty"),
        (("-u", "alice"), "\n", "not empty"),
        (("-u", "alice", "-p", "x" * 5000), "", "4096"),
    ],
)
def test_what_cannot_be_is_told(ini: Path, app: Client, arguments: tuple[str, ...], pipe: str, text: str) -> None:
    done = typed(ini, *arguments, pipe=pipe)
    assert done.exit_code == 1
    assert text in done.stderr
    assert of(app).are_none()


@pytest.mark.parametrize(
    ("changed", "code", "text"),
    [
        ({"readonly": "true"}, 51, "read-only"),
        ({"includes": "", "multiauth.policies": "basicauth", "account": None}, 52, "cliquet.plugins.accounts"),
        ({"storage_backend": "cliquet.storage.memory", "storage_url": ""}, 54, "in memory"),
        ({"permission_backend": "cliquet.permission.memory", "permission_url": ""}, 54, "in memory"),
    ],
)
def test_a_service_that_cannot_keep_accounts_says_so(
    stored: dict[str, Any], tmp_path: Path, changed: dict[str, Any], code: int, text: str
) -> None:
    settings = {**stored, **changed}
    if "account" in changed:
        settings = {name: value for name, value in settings.items() if not name.startswith("account")}
    done = typed(written(tmp_path / "other.ini", settings), "-u", "alice", "-p", "s3cret")
    assert done.exit_code == code
    assert text in done.stderr


#: Makes the terminal the one that the process belongs to, so that Ctrl-C and unseen typing work; also when the tests
#: run in the background of a shell, which has Ctrl-C ignored.
_ON_A_TERMINAL = """
import fcntl, signal, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGINT, signal.default_int_handler)
from cliquet.cli.create_user import create_user
create_user()
"""


class Terminal:
    """The command on a terminal of its own."""

    def __init__(self, ini: Path) -> None:
        self.master, slave = os.openpty()
        command = [sys.executable, "-W", "ignore", "-c", _ON_A_TERMINAL, "--ini", str(ini), "-u", "alice"]
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            start_new_session=True,
        )
        os.close(slave)
        self.shown = ""

    def answer(self, prompt: str, text: str) -> None:
        """Type a text when the terminal asks for it."""
        while not self.shown.endswith(prompt):
            self.shown += os.read(self.master, 1000).decode()
        os.write(self.master, text.encode())

    def end(self) -> int:
        """Wait until the command is done; the exit code."""
        try:
            while data := os.read(self.master, 1000):
                self.shown += data.decode()
        except OSError:
            pass  # how Linux says that the other end of a terminal is closed
        os.close(self.master)
        return self.process.wait(60)


def test_a_person_types_the_password_twice_and_unseen(ini: Path, app: Client) -> None:
    terminal = Terminal(ini)
    terminal.answer("Password: ", "s3cret\n")
    terminal.answer("Repeat for confirmation: ", "s3cret\n")
    assert terminal.end() == 0, terminal.shown
    assert "s3cret" not in terminal.shown
    assert app.as_user("alice", "s3cret").get("/v1/accounts/alice")


def test_a_person_may_change_their_mind(ini: Path, app: Client) -> None:
    terminal = Terminal(ini)
    terminal.answer("Password: ", "\x03")
    assert terminal.end() == 53, terminal.shown
    assert "Nothing was done." in terminal.shown
    assert of(app).are_none()
