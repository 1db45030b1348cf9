"""No request to the store gives a 5xx, and no stranger is ever told what only its owner may know."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import kinto
from cliquet.testing.app import Client
from tests.functional.hostile import Sent
from tests.functional.kinto.hostile_store import PEOPLE, SETUP, HostileToStore
from tests.functional.test_hostile import answer, judged

#: On each of the two databases.
REQUESTS = 5000
STRANGERS = 500
#: What only carol may read.
SECRET = "S3CR3T"
PLUGINS = [f"cliquet.plugins.{name}" for name in (
    "accounts", "history", "json_schema", "permissions_endpoint", "quotas", "user_data", "counters", "flush"
)]  # fmt: skip
SETTINGS = {
    "project_name": "kinto",
    "includes": " ".join([*PLUGINS, "kinto.default_bucket"]),
    "multiauth.policies": "account basicauth",
    "multiauth.policy.account.use": "cliquet.plugins.accounts.AccountsPolicy",
    "account_create_principals": "system.Everyone",
    "account_argon2_passes": 1,
    "account_argon2_memory_kib": 8,
    "default_bucket_hmac_secret": "not so secret",
    "user-data_self_service": True,
    "quotas.bucket_small_max_items": 2,
    "quotas.bucket_max_bytes_per_item": 3000,
    "paginate_by": 20,
}
VAULT = "/v1/buckets/vault"
#: Answers that are no JSON.
PLAIN = (SETUP, "/export")


def settings(request: pytest.FixtureRequest, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = request.getfixturevalue(f"{kind}_settings")
    permission = {"permission_backend": f"cliquet.permission.{kind}", "permission_url": found["storage_url"]}
    return {**found, **permission, **SETTINGS}


@pytest.fixture(params=["sqlite", "postgresql"])
def carol(request: pytest.FixtureRequest, serve: Callable[[Any], Client]) -> Client:
    """The store with all of its plugins, and with secrets of carol's."""
    somebody = serve(kinto.main(None, **settings(request, request.param)))
    for name in ("carol", "dave"):
        somebody.anonymous().put_json(f"/v1/accounts/{name}", {"data": {"password": "secret", "note": _secret(name)}})
    carol = somebody.as_user("carol")
    hide(carol, carol.as_user("eve").get("/v1/").json["user"]["id"])
    return carol


def _secret(name: str) -> str:
    return SECRET if name == "carol" else name


def open_up(dave: Client, name: str) -> None:
    """Buckets for everybody, until somebody deletes them, or takes them."""
    for path in (name, *(f"{name}/{one}" for one in ("collections/c", "groups/g", "collections/c/records/a")), "small"):
        dave.put_json(f"/v1/buckets/{path}", {"permissions": {"write": ["system.Everyone"]}}, status="*")


def hide(carol: Client, eve: str) -> None:
    """Secrets wherever there may be some. Eve may add to the inbox, and read one record that says nothing."""
    kept = {"data": {"note": SECRET}, "permissions": {"read": [f"account:{SECRET}"]}}
    inbox = {"permissions": {"record:create": [eve]}}
    schema = {"properties": {"note": {"description": "a note"}}}
    members = {"data": {"members": [f"account:{SECRET}"]}}
    carol.put_json(VAULT, kept)
    for name in ("g", "members"):
        carol.put_json(f"{VAULT}/groups/{name}", members)
    carol.put_json(f"{VAULT}/collections/inbox", {**inbox, "data": {"schema": schema}})
    for name in ("closed", "typed"):
        carol.put_json(f"{VAULT}/collections/{name}", kept)
    for path in [f"{VAULT}/collections/{name}" for name in ("inbox", "closed", "typed")]:
        for name in ("a", "b", "first", "hidden", SECRET):
            carol.put_json(f"{path}/records/{name}", kept)
        carol.put_json(f"{path}/records/shared", {"data": {"a": 1}, "permissions": {"read": [eve]}})
    carol.delete(f"{VAULT}/collections/closed/records/b")
    carol.put_json("/v1/buckets/default/collections/c/records/a", kept)


def secrets(carol: Client) -> list[Any]:
    """All of carol's secrets, as she sees them."""
    history = f"{VAULT}/history?_sort=last_modified"
    paths = [VAULT, f"{VAULT}/groups", f"{VAULT}/collections", history, "/v1/accounts/carol"]
    paths += [f"{VAULT}/collections/{name}/records/hidden" for name in ("inbox", "closed", "typed")]
    paths += [f"{VAULT}/collections/closed/records", "/v1/buckets/default/collections/c/records"]
    return [carol.get(path).json for path in paths]


def expected(sent: Sent, status: int, headers: dict[str, str], body: bytes) -> Any:
    """The body of an answer, when it is such as the protocol allows; a full bucket is the one reason for a 507."""
    if status == 507:
        content = json.loads(body)
        assert (content["code"], content["errno"]) == (507, 121), content
        return content
    if any(part in sent.path for part in PLAIN) and "json" not in headers.get("content-type", ""):
        return None
    if headers.get("content-type") == "application/x-ndjson":
        return [json.loads(line) for line in body.splitlines()]
    return judged(sent, status, headers, body)


@pytest.mark.slow
def test_no_request_gives_a_5xx_or_a_secret(carol: Client) -> None:
    before = secrets(carol)
    hostile = HostileToStore(seed=20_161_121)
    seen: Counter[int] = Counter()
    for number in range(REQUESTS):
        if number % 500 == 0:
            hostile.opened = f"open{number // 500}"
        if number % 100 == 0:
            open_up(carol.as_user("dave"), hostile.opened)
        sent = hostile.request()
        status, headers, body = answer(carol.app, sent)
        assert SECRET.encode() not in body, (sent, body)
        assert SECRET not in str(headers), (sent, headers)
        hostile.learn(status, headers, expected(sent, status, headers, body))
        seen[status] += 1
    assert {200, 201, 304, 307, 400, 401, 403, 404, 405, 406, 412, 413, 415, 507} <= set(seen), seen
    assert seen[200] + seen[201] > REQUESTS / 15, seen
    assert [one for one in secrets(carol) if SECRET not in json.dumps(one)] == []
    assert secrets(carol)[-2:] == before[-2:]


def twins(hostile: HostileToStore) -> Iterator[tuple[Sent, Sent]]:
    """Requests for what is in the vault, and the same ones for what is in a bucket that there is not."""
    count = 0
    while count < STRANGERS:
        sent = hostile.request()
        inside = sent.path.startswith(f"{VAULT}/") and b"vault" not in sent.body
        if inside and sent.method != "OPTIONS" and sent.headers["Authorization"] not in PEOPLE["eve"]:
            count += 1
            yield sent, Sent(sent.method, sent.path.replace("vault", "vaulx"), sent.query, sent.headers, sent.body)


def test_strangers_are_told_the_same_of_what_is_there_and_what_is_not(carol: Client) -> None:
    hostile = HostileToStore(seed=7)
    told: Counter[int] = Counter()
    for one, other in twins(hostile):
        status, headers, body = answer(carol.app, one)
        assert (status, headers, body) == _named(*answer(carol.app, other)), (one, body)
        told[status] += 1
    assert told[403] > STRANGERS / 4, told
    assert not told.keys() & {200, 201, 304, 412}, told


def _named(status: int, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
    """An answer about one bucket, as it would be about the other."""
    changed = {name: value.replace("vaulx", "vault") for name, value in headers.items()}
    return status, changed, body.replace(b"vaulx", b"vault")
