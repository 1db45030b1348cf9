"""``cliquet explain`` says what a user may do with a record, and why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import kinto
from cliquet.cli import main
from cliquet.cli.explain import NotExplained, explain
from cliquet.testing.app import Client, make_app

BUCKET = "/buckets/b"
GROUP = f"{BUCKET}/groups/g"
COLLECTION = f"{BUCKET}/collections/c"
SECRET = "b4c96a8692291d88fe5a97dd91846eb4"


def put(app: Client, path: str, data: Any = None, **permissions: list[str]) -> None:
    app.put_json(f"/v1{path}", {"data": data or {}, **({"permissions": permissions} if permissions else {})})


def user(app: Client) -> str:
    found: str = app.get("/v1/").json["user"]["id"]
    return found


def fill(alice: Client) -> None:
    """A bucket that bob may read through a group, and a collection that he may write himself."""
    bob = user(alice.as_user("bob"))
    put(alice, BUCKET)
    put(alice, GROUP, {"members": [bob]})
    put(alice, BUCKET, read=[GROUP], write=[user(alice)])
    put(alice, COLLECTION, write=[bob])


@pytest.fixture
def store(sharing_settings: dict[str, Any], serve: Callable[[Any], Client]) -> Client:
    """The generic store, where a setting lets carol read groups."""
    carol = user(make_app().as_user("carol"))
    alice = serve(kinto.main(None, **{**sharing_settings, "project_name": "kinto", "group_read_principals": carol}))
    fill(alice)
    return alice


def because(app: Client, uri: str, user_id: str) -> dict[str, list[str]]:
    return {name: list(decision.because) for name, decision in explain(app.parts, uri, user_id).items()}


def test_an_explanation_names_aces_groups_and_settings(store: Client) -> None:
    alice, bob, carol = (user(store.as_user(name)) for name in ("alice", "bob", "carol"))
    through = f"`read` on {BUCKET} through group {GROUP}"
    assert because(store, BUCKET, bob) == {
        "read": [through],
        "write": [],
        "collection:create": [],
        "group:create": [],
        "read:attributes": [through],
    }
    own = f"`write` on {COLLECTION} for {bob}"
    assert because(store, COLLECTION, bob) == {
        "read": [through, own],
        "write": [own],
        "record:create": [own],
        "read:attributes": [through, own],
    }
    setting = f"the setting group_read_principals, which names {carol}"
    assert because(store, GROUP, carol) == {"read": [setting], "write": [], "read:attributes": [setting]}
    assert because(store, COLLECTION, alice)["record:create"] == [
        f"`write` on {BUCKET} for {alice}",
        f"`write` on {COLLECTION} for {alice}",
    ]


def test_an_explanation_says_what_the_judge_says(store: Client) -> None:
    """The same words decide: whatever is explained is allowed, and the other way round."""
    for name in ("alice", "bob", "carol"):
        app = store.as_user(name)
        for path in (BUCKET, GROUP, COLLECTION):
            found = explain(store.parts, path, user(app))
            status = app.get(f"/v1{path}", expect_errors=True).status_int
            assert (status == 200) is found["read:attributes"].allowed
            status = app.patch_json(f"/v1{path}", {"data": {"x": 1}}, expect_errors=True).status_int
            assert (status == 200) is found["write"].allowed


def test_nobody_in_particular_may_be_asked_about(store: Client) -> None:
    put(store, COLLECTION, read=["system.Everyone"])
    assert because(store, COLLECTION, "system.Everyone")["read"] == [f"`read` on {COLLECTION} for system.Everyone"]
    assert because(store, BUCKET, "system.Everyone")["read"] == []


def test_the_root_is_where_settings_decide(store: Client) -> None:
    assert because(store, "/", user(store)) == {
        "bucket:create": ["the setting bucket_create_principals, which names system.Authenticated"]
    }
    assert because(store, "/v1/", "system.Everyone") == {"bucket:create": []}


def test_one_permission_may_be_asked_for(store: Client) -> None:
    assert list(explain(store.parts, f"/v1{BUCKET}", user(store), permission="write")) == ["write"]


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("/nothing/x", "'/nothing/x' is the path of no record with permissions"),
        ("/buckets", "'/buckets' is the path of no record"),
        ("/buckets/ b", "'/buckets/ b' is the path of no record"),
        ("/buckets/b/collections/c/x", "Their paths are: /buckets/{id}"),
        ("/buckets/nope", "There is no bucket at /buckets/nope."),
        ("/buckets/nope/collections/c", "There is no collection at /buckets/nope/collections/c."),
    ],
)
def test_what_is_not_there_cannot_be_explained(store: Client, uri: str, message: str) -> None:
    with pytest.raises(NotExplained) as refused:
        explain(store.parts, uri, user(store))
    assert message in str(refused.value)


def test_an_unknown_permission_is_named_with_those_that_exist(store: Client) -> None:
    with pytest.raises(NotExplained, match="no permission 'raed' on /buckets/b, only read, write, collection:create"):
        explain(store.parts, BUCKET, user(store), permission="raed")


def test_private_records_have_no_permissions() -> None:
    alice = make_app({"permission_backend": "cliquet.permission.memory"})
    with pytest.raises(NotExplained, match="Their paths are: none"):
        explain(alice.parts, "/notes/x", user(alice))
    with pytest.raises(NotExplained, match="There are no permissions in this service"):
        explain(make_app().parts, "/", "x")


# The command


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["explain", *arguments, "--ini", str(folder / "kinto.ini")])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store on an SQLite file, in which there is something."""
    url = f"sqlite:///{tmp_path}/kinto.sqlite"
    settings = {"project_name": "kinto", "storage_backend": "cliquet.storage.sqlite", "storage_url": url}
    settings |= {"permission_backend": "cliquet.permission.sqlite", "permission_url": url, "userid_hmac_secret": SECRET}
    lines = "\n".join(f"{name} = {value}" for name, value in settings.items())
    (tmp_path / "kinto.ini").write_text(f"[app:main]\nuse = call:kinto:main\n{lines}\n")
    alice = Client(kinto.main(None, **settings))
    fill(alice)
    alice.storage.close()
    return tmp_path


def test_the_command_prints_a_line_for_each_permission(folder: Path) -> None:
    bob = user(make_app().as_user("bob"))
    done = run(folder, BUCKET, bob)
    assert done.exit_code == 0
    assert done.output.splitlines() == [
        f"read               allowed by `read` on {BUCKET} through group {GROUP}",
        "write              not allowed",
        "collection:create  not allowed",
        "group:create       not allowed",
        f"read:attributes    allowed by `read` on {BUCKET} through group {GROUP}",
    ]
    done = run(folder, COLLECTION, bob, "--permission", "read")
    both = f"allowed by `read` on {BUCKET} through group {GROUP}, and by `write` on {COLLECTION} for {bob}"
    assert done.output.splitlines() == [f"read  {both}"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("/nothing/x", "alice"), "Error: '/nothing/x' is the path of no record with permissions. Their paths are: "),
        (("/buckets/nope", "alice"), "Error: There is no bucket at /buckets/nope."),
        ((BUCKET, "alice", "--permission", "nope"), "Error: There is no permission 'nope' on /buckets/b"),
    ],
)
def test_the_command_fails_with_a_line_of_text(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    done = run(folder, *arguments)
    assert done.exit_code == 1
    assert message in done.output
    assert "Traceback" not in done.output
