"""What a history leaves out, and how it is kept short."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cliquet.cli import main
from cliquet.model.model import Model
from cliquet.protocol.timestamps import DAY
from cliquet.testing.app import Client
from tests.functional.plugins.history_service import BUCKET, COLLECTION, Serve, entries, put, store, user

INI = """\
[app:main]
use = call:kinto:main
includes = cliquet.plugins.history
storage_backend = {storage_backend}
storage_url = {storage_url}
permission_backend = {permission_backend}
permission_url = {storage_url}
userid_hmac_secret = secret
history.max_age_days = 30
"""


def write(app: Client, number: int, *, start: int = 0) -> None:
    """Create some records."""
    for one in range(start, start + number):
        put(app, f"{COLLECTION}/records/{one}")


def begin(app: Client) -> Client:
    put(app, BUCKET)
    put(app, COLLECTION)
    return app


def test_excluded_records_and_those_below_them_have_no_entries(sharing_settings: dict[str, Any], serve: Serve) -> None:
    excluded = "/buckets/b/collections/c /buckets/b2 /buckets/b/collections/d/records/1"
    app = begin(store(sharing_settings, serve, kinto__history__exclude_resources=excluded))
    for path in ("", "/collections/c2", "/collections/d", "/collections/d/records/1", "/collections/d/records/11"):
        for bucket in (BUCKET, "/buckets/b2"):
            put(app, bucket + path)
    write(app, 1)
    assert [one["uri"] for one in entries(app)] == [
        BUCKET,
        BUCKET,
        f"{BUCKET}/collections/c2",
        f"{BUCKET}/collections/d",
        f"{BUCKET}/collections/d/records/11",
    ]
    assert entries(app, path="/buckets/b2") == []


def test_excluded_users_make_no_entries(sharing_settings: dict[str, Any], serve: Serve) -> None:
    plain = store(sharing_settings, serve)
    bob, anybody = user(plain.as_user("bob")), "system.Everyone"
    app = begin(store(sharing_settings, serve, kinto__history__exclude_user_ids=f"{bob} {anybody} {bob[:-1]} x:*"))
    app.patch_json(f"/v1{COLLECTION}", {"permissions": {"record:create": [anybody]}})
    for client in (app, app.as_user("bob"), app.as_user("eve"), app.anonymous()):
        client.post_json(f"/v1{COLLECTION}/records", {})
    assert {one["user_id"] for one in entries(app)} == {user(app), user(app.as_user("eve"))}
    everybody = begin(store(sharing_settings, serve, kinto__history__exclude_user_ids="basic*"))
    assert entries(everybody) == []


def test_the_newest_entries_stay(sharing_settings: dict[str, Any], serve: Serve) -> None:
    settings = {"kinto__history__auto_trim_max_count": "5", "kinto__history__auto_trim_threshold": "4"}
    app = begin(store(sharing_settings, serve, **settings))
    lengths = []
    for number in range(30):
        write(app, 1, start=number)
        lengths.append(len(entries(app)))
    assert max(lengths) == 9
    assert min(lengths[10:]) == 5
    assert entries(app)[-1]["record_id"] == "29"
    assert app.get(f"/v1{BUCKET}/history?_since=1", status=410).json["errno"] == 118


def test_each_bucket_keeps_its_own_number(sharing_settings: dict[str, Any], serve: Serve) -> None:
    settings = {"kinto__history__auto_trim_max_count": "3", "kinto__history__auto_trim_threshold": "1"}
    app = begin(store(sharing_settings, serve, **settings))
    put(app, "/buckets/quiet")
    write(app, 10)
    assert 3 <= len(entries(app)) <= 4
    assert len(entries(app, path="/buckets/quiet")) == 1


def test_the_newest_entries_of_some_users_stay_and_all_of_others(
    sharing_settings: dict[str, Any], serve: Serve
) -> None:
    bob = user(store(sharing_settings, serve).as_user("bob"))
    app = begin(
        store(
            sharing_settings,
            serve,
            kinto__history__auto_trim_max_count="3",
            kinto__history__auto_trim_threshold="2",
            kinto__history__auto_trim_user_ids=f"{bob[:-3]}*",
        )
    )
    put(app, BUCKET, write=[bob])
    write(app, 10)
    write(app.as_user("bob"), 10)
    numbers = [one["user_id"] for one in entries(app)]
    assert numbers.count(user(app)) == 13
    assert 3 <= numbers.count(bob) <= 5
    assert entries(app)[-1]["record_id"] == "9"


def aged(app: Client, days: int) -> None:
    """Let all entries be older than they are."""
    history = Model(app.storage, resource="history", parent=BUCKET)
    documents = history.get_records()
    app.storage.trim(history.scope, keep=0)
    for number, one in enumerate(documents):
        app.storage.create(history.scope, {**one, "last_modified": one["last_modified"] - days * DAY - number})


def test_old_entries_go_when_new_ones_are_written(sharing_settings: dict[str, Any], serve: Serve) -> None:
    settings = {"kinto__history__max_age_days": "30", "kinto__history__auto_trim_threshold": "1"}
    app = begin(store(sharing_settings, serve, **settings))
    aged(app, 29)
    write(app, 2)
    assert len(entries(app)) == 4
    aged(app, 2)
    write(app, 2, start=2)
    assert [one.get("record_id") for one in entries(app)] == ["0", "1", "2", "3"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_old_entries_go_when_somebody_purges(
    request: pytest.FixtureRequest, kind: str, serve: Serve, tmp_path: Path
) -> None:
    settings = request.getfixturevalue(f"{kind}_settings")
    settings |= {"permission_backend": f"cliquet.permission.{kind}", "permission_url": settings["storage_url"]}
    app = begin(store(settings, serve))
    write(app, 3)
    aged(app, 31)
    write(app, 1, start=3)
    put(app, "/buckets/other")
    ini = tmp_path / "kinto.ini"
    ini.write_text(INI.format(**{name: str(value).replace("%", "%%") for name, value in settings.items()}))
    done = CliRunner().invoke(main, ["purge", "--ini", str(ini), "--days", "90"])
    assert (done.exit_code, done.output) == (0, "Tombstones forgotten: 0\nHistory entries forgotten: 5\n")
    assert [one["record_id"] for one in entries(app)] == ["3"]
    assert len(entries(app, path="/buckets/other")) == 1
