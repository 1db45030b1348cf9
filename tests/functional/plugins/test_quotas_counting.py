"""Quotas that come later than what is stored, and what they cost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import kinto
from cliquet.cli import main
from cliquet.model.model import Model
from cliquet.testing.app import Client
from tests.functional.plugins.history_service import BUCKET, COLLECTION, RECORD, Serve, batch, put
from tests.functional.plugins.quotas_service import counted, limited, recounted, usage

RECORDS = f"{COLLECTION}/records"
BRACKETS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
INI = """\
[app:main]
use = call:kinto:main
includes = {includes}
storage_backend = {storage_backend}
storage_url = {storage_url}
permission_backend = {permission_backend}
permission_url = {storage_url}
userid_hmac_secret = secret
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.getfixturevalue(f"{request.param}_settings")
    permission = {"permission_backend": f"cliquet.permission.{request.param}", "permission_url": found["storage_url"]}
    return {**found, **permission, "project_name": "kinto"}


@pytest.fixture
def reopen(settings: dict[str, Any]) -> Any:
    """A function that makes another application of the same records."""
    made: list[Client] = []

    def another(**limits: int) -> Client:
        made.append(limited(settings, Client, **limits))
        return made[-1]

    yield another
    for one in made:
        one.storage.close()


def fill(app: Client) -> None:
    """A bucket with two collections and a group."""
    put(app, BUCKET)
    put(app, f"{BUCKET}/groups/g")
    for collection in ("c", "d"):
        put(app, f"{BUCKET}/collections/{collection}", {"n": 1})
        for number in range(3):
            put(app, f"{BUCKET}/collections/{collection}/records/{number}", {"text": "é" * number})


def test_what_was_stored_before_is_counted_with_the_first_change(
    settings: dict[str, Any], serve: Serve, reopen: Callable[..., Client]
) -> None:
    app = serve(kinto.main(None, **settings))
    fill(app)
    later = reopen(bucket_max_items=7)
    assert counted(app.storage) == {}
    assert put(later, RECORD)["data"]["id"] == "r"
    assert counted(app.storage) == recounted(app.storage)
    later.put_json(f"/v1{RECORDS}/more", {"data": {}}, status=507)
    later.delete(f"/v1{BUCKET}/collections/d")
    assert usage(later) == recounted(app.storage)


def test_what_is_too_much_already_is_refused_to_grow_and_may_shrink(
    settings: dict[str, Any], serve: Serve, reopen: Callable[..., Client]
) -> None:
    fill(limited(settings, serve))
    app = reopen(bucket_max_items=2, bucket_max_bytes=100, bucket_max_bytes_per_item=10)
    app.put_json(f"/v1{RECORDS}/0", {"data": {"text": "x"}}, status=507)
    app.put_json(f"/v1{RECORDS}/more", {"data": {}}, status=507)
    app.put_json(f"/v1{RECORDS}/2", {"data": {"text": "éé"}}, status=200)
    app.put_json(f"/v1{RECORDS}/2", {"data": {"text": "é"}}, status=200)
    app.delete(f"/v1{RECORDS}/0")
    assert usage(app) == recounted(app.storage)


def run(tmp_path: Path, settings: dict[str, Any], *, includes: str = "cliquet.plugins.quotas") -> tuple[int, str]:
    """What the command answers."""
    texts = {name: str(value).replace("%", "%%") for name, value in settings.items()}
    ini = tmp_path / "kinto.ini"
    ini.write_text(INI.format(includes=includes, **texts))
    done = CliRunner().invoke(main, ["rebuild-quotas", "--ini", str(ini)])
    return done.exit_code, done.output


def test_everything_is_counted_again_when_somebody_asks(
    settings: dict[str, Any], serve: Serve, reopen: Callable[..., Client], tmp_path: Path
) -> None:
    app = limited(settings, serve)
    fill(app)
    put(app, "/buckets/right")
    without = Client(kinto.main(None, **settings))
    put(without, RECORD)
    without.delete(f"/v1{BUCKET}/collections/d")
    put(without, f"{BUCKET}/collections/e")
    put(without, "/buckets/unseen")
    without.storage.close()
    assert counted(app.storage) != recounted(app.storage)
    assert run(tmp_path, settings) == (0, f"Counted anew: {BUCKET}\nCounted anew: /buckets/unseen\nCounted: 3\n")
    for bucket in (BUCKET, "/buckets/right", "/buckets/unseen"):
        assert counted(app.storage, bucket) == recounted(app.storage, bucket)
    time = Model(app.storage, resource="quota", parent=BUCKET).timestamp()
    assert run(tmp_path, settings) == (0, "Counted: 3\n")
    assert Model(app.storage, resource="quota", parent=BUCKET).timestamp() == time


def test_without_the_plugin_there_is_nothing_to_count(settings: dict[str, Any], serve: Serve, tmp_path: Path) -> None:
    fill(serve(kinto.main(None, **settings)))
    code, output = run(tmp_path, settings, includes="")
    assert code == 1
    assert "cliquet.plugins.quotas is not there" in output


OPERATIONS: dict[str, Callable[[Client], Any]] = {
    "create": lambda app: put(app, RECORD),
    "update": lambda app: put(app, f"{RECORDS}/0", {"n": 2}),
    "delete": lambda app: app.delete(f"/v1{RECORDS}/0"),
    "delete 3": lambda app: app.delete(f"/v1{RECORDS}"),
    "batch of 25": lambda app: batch(app, *(("PUT", f"{RECORDS}/a{number}", {}) for number in range(25))),
    "create a collection": lambda app: put(app, f"{BUCKET}/collections/e"),
    # and the count of the collection, which is looked for and goes
    "delete a collection": lambda app: app.delete(f"/v1{COLLECTION}"),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_transaction_costs_a_few_statements_more(settings: dict[str, Any], serve: Serve, operation: str) -> None:
    costs = []
    for includes in ("", "cliquet.plugins.quotas"):
        app = serve(kinto.main(None, **settings, includes=includes))
        fill(app)
        sent: list[str] = []
        storage: Any = app.storage
        storage.database.observe = sent.append
        OPERATIONS[operation](app)
        costs.append(len([text for text in sent if not text.startswith(BRACKETS)]))
    # the lock, and what was counted before
    assert costs[1] - costs[0] == (4 if operation == "delete a collection" else 2)
