"""Who may do what: every principal, level, verb and state of the parent, on every backend, against the oracle."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import kinto
from cliquet.database.transaction import Transaction
from cliquet.testing.app import Client
from cliquet.web.components import components
from tests.functional.kinto import oracle
from tests.functional.kinto.oracle import LISTS, PARENTS, TABLE, Cell, expected

BACKENDS = ("memory", "sqlite", "postgresql", "redis")
BUCKET, OTHER = "/buckets/b", "/buckets/other"
COLLECTION = f"{BUCKET}/collections/c"
LIST = {
    "bucket": "/buckets",
    "collection": f"{BUCKET}/collections",
    "group": f"{BUCKET}/groups",
    "record": f"{COLLECTION}/records",
}
#: The same below a parent that is missing.
LOST = {
    "collection": "/buckets/zz/collections",
    "group": "/buckets/zz/groups",
    "record": f"{BUCKET}/collections/zz/records",
}
VERBS = (
    *LISTS,
    "post",
    "post existing",
    *(f"{verb}{state}" for verb in ("get", "put", "patch", "delete") for state in ("", " missing")),
    "put new",
)
TEAM = f"{OTHER}/groups/{{name}}"


class Caller(NamedTuple):
    """Somebody, and the principal that the permission is given to; by a setting, or in an ACE."""

    anonymous: bool
    principal: str
    held: bool
    by_setting: bool = False


CALLERS = {
    "anonymous, given to everybody": Caller(True, "system.Everyone", True),
    "anonymous, given to users": Caller(True, "system.Authenticated", False),
    "a user, given to somebody else": Caller(False, "basicauth:somebody", False),
    "a user, given to them": Caller(False, "{user}", True),
    "a user, given to their group": Caller(False, TEAM, True),
    "a user, given to users": Caller(False, "system.Authenticated", True),
    "a user, by a setting": Caller(False, "{user}", True, True),
    "a user, by a setting for their group": Caller(False, TEAM, True, True),
    "anonymous, by a setting": Caller(True, "system.Everyone", True, True),
    "a user, by a setting for somebody else": Caller(False, "basicauth:somebody", False, True),
}
Place = tuple[str, str]
PLACES = sorted({(level, one) for granting in TABLE.values() for level, ones in granting.items() for one in ones})


def cells(place: Place, caller: Caller) -> Iterator[Cell]:
    for target, parent in PARENTS.items():
        for verb in VERBS:
            for parent_exists in (True, False) if parent else (True,):
                yield Cell(*place, caller.held, caller.by_setting, caller.anonymous, verb, target, parent_exists)


@pytest.fixture(params=BACKENDS)
def settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Records and permissions on each backend; the permissions in Redis beside records in memory."""
    kind = "memory" if request.param == "redis" else request.param
    if kind == "memory":
        found = {"storage_backend": "cliquet.storage.memory", "userid_hmac_secret": "secret"}
    else:
        found = dict(request.getfixturevalue(f"{kind}_settings"))
    url = request.getfixturevalue("redis_url") if request.param == "redis" else found.get("storage_url", "")
    permission = {"permission_backend": f"cliquet.permission.{request.param}", "permission_url": url}
    return {**found, **permission, "project_name": "kinto", "cache_backend": "cliquet.cache.memory"}


def application(settings: dict[str, Any], named: dict[str, str]) -> Client:
    """The store with one record of each resource, whose permissions nobody has, and a group of each user.

    :param named: setting -> the principal that it names.
    """
    client = Client(kinto.main(None, **{"bucket_create_principals": "", **settings, **named}))
    parts = client.parts
    assert parts.permission is not None
    client.storage.flush()
    parts.permission.flush()
    contexts = {context.name: context for context in parts.resources.values()}
    for name, path in LIST.items():
        contexts[name].model(path.rpartition("/")[0]).create_record({"id": "bcgr"[list(LIST).index(name)]})
    for place in PLACES:
        parts.permission.add_member(principal(client, place, TEAM), principal(client, place, "{user}"))
    return client


def principal(client: Client, place: Place, text: str) -> str:
    """A principal of the caller who has nothing but the permission of a place."""
    user = caller_of(client, place).get("/v1/").json["user"]["id"]
    return text.format(user=user, name="-".join(place).replace(":", "-"))


def caller_of(client: Client, place: Place) -> Client:
    return client.as_user(" ".join(place).replace(":", " "))


def answered(client: Client, cell: Cell) -> int:
    """The status of the request of a cell, whose effects are undone."""
    with Transaction() as transaction:
        with transaction.savepoint() as point:
            status = ask(client, cell, transaction)
            point.undo()
        transaction.rollback()
    return status


def ask(client: Client, cell: Cell, transaction: Transaction) -> int:
    verb, _, state = cell.verb.partition(" ")
    path = (LIST if cell.parent_exists else LOST)[cell.target]
    one = f"{path}/{'nothing' if state == 'missing' else cell.target[0]}"
    method = {"list": "GET", "count": "HEAD"}.get(verb, verb.upper())
    body: dict[str, Any] = {"data": {"id": cell.target[0]} if cell.verb == "post existing" else {"n": 1}}
    headers = {"If-None-Match": "*"} if state == "new" else {}
    url = "/v1" + (path if verb in ("list", "count", "post") or state == "list" else one)
    send = client.anonymous() if cell.anonymous else client
    extra = {"cliquet.transaction": transaction}
    if method in ("POST", "PUT", "PATCH"):
        response = send._gen_request(
            method, url, json.dumps(body), headers, extra, "*", content_type="application/json"
        )
    else:
        response = send.request(url, method=method, headers=headers, environ=extra, status="*")
    return int(response.status_int)


def asked(place: Place, caller: Caller) -> Iterator[Cell]:
    """The cells of a place, where the caller can have its permission: at the root, settings alone give one."""
    return cells(place, caller) if place[0] or caller.by_setting else iter(())


def test_the_matrix_is_large_and_the_oracle_is_short() -> None:
    assert sum(len(list(asked(place, caller))) for place in PLACES for caller in CALLERS.values()) >= 10_000
    lines = Path(oracle.__file__).read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if line.strip()]) <= 60


@pytest.mark.parametrize("name", CALLERS)
def test_every_cell_is_as_the_table_says(settings: dict[str, Any], name: str) -> None:
    caller, count, wrong = CALLERS[name], 0, []
    for place, client in (by_setting if caller.by_setting else given)(settings, caller.principal):
        for cell in asked(place, caller):
            count += 1
            found = answered(client, cell)
            if found != expected(cell):
                wrong.append((cell, found, expected(cell)))
    assert not wrong, f"{len(wrong)} of {count} cells differ, such as {wrong[:5]}"
    assert count > 500


def given(settings: dict[str, Any], text: str) -> Iterator[tuple[Place, Client]]:
    """The caller of each place, while their principal has its permission."""
    client = application(settings, {})
    backend = components(client.app.registry).permission
    assert backend is not None
    for level, permission in PLACES:
        for path in LIST.values():
            backend.delete_under(path)
        if level:
            found = principal(client, (level, permission), text)
            backend.grant(f"{LIST[level]}/{level[0]}", permission, found)
        yield (level, permission), caller_of(client, (level, permission))


def by_setting(settings: dict[str, Any], text: str) -> Iterator[tuple[Place, Client]]:
    """The caller of each place, whose principal one setting names.

    All settings are there at once, where each of them names somebody else.
    """
    plain = application(settings, {})
    named = {setting_of(place): principal(plain, place, text) for place in PLACES}
    together = application(settings, named)
    for place in PLACES:
        setting = setting_of(place)
        alone = text == "system.Everyone"
        client = application(settings, {setting: named[setting]}) if alone else together
        yield place, caller_of(client, place)


def setting_of(place: Place) -> str:
    level, permission = place
    kind, _, verb = permission.partition(":")
    return f"{kind}_{verb}_principals" if verb else f"{level}_{permission}_principals"
