"""What the guide to operating says: secrets, read-only mode, backoff, the end of a service, the horizon, proxies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pyramid.config import Configurator
from webtest import TestApp

import cliquet
from cliquet import resource
from cliquet.cli import main
from cliquet.clock import now
from cliquet.errors import ConfigurationError
from cliquet.protocol.timestamps import DAY

MODULE = """
from tests.functional.test_operating import served

def main(global_config=None, **settings):
    return served(**settings)
"""


class Note(resource.UserResource):
    schema = resource.Anything


def served(**settings: Any) -> Any:
    """A WSGI application."""
    config = Configurator(settings={"storage_backend": "cliquet.storage.memory", **settings})
    cliquet.initialize(config, version="1.0", project_name="notes")
    config.add_resource(Note)
    return config.make_wsgi_app()


def alice(**settings: Any) -> TestApp:
    app = TestApp(served(**settings))
    app.authorization = ("Basic", ("alice", "secret"))
    return app


def test_production_does_not_start_without_a_secret() -> None:
    with pytest.raises(ConfigurationError, match="userid_hmac_secret"):
        served(environment="production")


def test_a_secret_of_development_lives_as_long_as_the_data(sqlite_url: str) -> None:
    ids = [
        alice(storage_backend="cliquet.storage.sqlite", storage_url=sqlite_url).get("/v1/").json["user"]["id"]
        for _ in range(2)
    ]
    assert ids[0] == ids[1]


def test_a_misspelled_setting_stops_the_start() -> None:
    with pytest.raises(ConfigurationError, match="Did you mean 'paginate_by'"):
        served(paginate_bye="3")


def test_read_only_means_that_records_cannot_be_written() -> None:
    app = alice(readonly="true")
    assert app.get("/v1/").json["settings"]["readonly"] is True
    assert app.get("/v1/notes").json == {"data": []}
    app.post_json("/v1/notes", {"data": {}}, status=405)


def test_backoff_is_asked_for_in_every_answer() -> None:
    app = alice(backoff="30")
    for path, status in (("/v1/", 200), ("/v1/notes", 200), ("/v1/nowhere", 404), ("/v1/notes/", 307)):
        assert app.get(path, status=status).headers["Backoff"] == "30"


@pytest.mark.parametrize(("eos", "code", "status"), [("2100-01-31", "soft-eol", 200), ("2020-01-31", "hard-eol", 410)])
def test_the_end_of_a_service_is_announced_and_comes(eos: str, code: str, status: int) -> None:
    app = alice(eos=eos, eos_message="Please move.", eos_url="https://docs.example/moving")
    for path in ("/v1/", "/v1/notes", "/v1/__lbheartbeat__"):
        assert code in app.get(path, status=status).headers["Alert"]


def test_addresses_are_those_outside_of_the_proxy() -> None:
    app = alice(http_scheme="https", http_host="sync.example")
    for _ in range(2):
        app.post_json("/v1/notes", {"data": {}})
    assert app.get("/v1/").json["url"] == "https://sync.example/v1/"
    assert app.get("/v1/notes?_limit=1").headers["Next-Page"].startswith("https://sync.example/v1/notes?")


def test_the_heartbeat_has_a_member_per_component() -> None:
    assert alice(cache_backend="cliquet.cache.memory").get("/v1/__heartbeat__").json == {"storage": True, "cache": True}


def test_purged_deletions_are_told_to_whom_was_away(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "notes_to_purge.py").write_text(MODULE)
    ini = tmp_path / "notes.ini"
    ini.write_text(
        "[app:main]\nuse = call:notes_to_purge:main\n"
        f"storage_backend = cliquet.storage.sqlite\nstorage_url = {sqlite_url}\n"
    )
    app = alice(storage_backend="cliquet.storage.sqlite", storage_url=sqlite_url)
    long_ago = now() - 100 * DAY
    kept = app.post_json("/v1/notes", {"data": {"last_modified": long_ago}}).json["data"]
    gone = app.post_json("/v1/notes", {"data": {"last_modified": long_ago + 1}}).json["data"]
    app.delete(f"/v1/notes/{gone['id']}?last_modified={long_ago + 10}")
    done = CliRunner().invoke(main, ["purge", "--ini", str(ini), "--days", "90"])
    assert (done.exit_code, done.stdout) == (0, "Tombstones forgotten: 1\n"), done.output
    refused = app.get(f"/v1/notes?_since={long_ago + 1}", status=410).json
    assert (refused["errno"], refused["details"]["horizon"]) == (118, long_ago + 10)
    assert [note["id"] for note in app.get("/v1/notes").json["data"]] == [kept["id"]]
