"""What the script of a page can see and do that comes from another origin than the service."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa

from tests.compatibility.browser.devices import Device, Place, basic, in_step
from tests.compatibility.browser.node import Exchange, Page

YEAR_MS = 365 * 24 * 3600 * 1000
ONE = json.dumps({"data": {"title": "bread"}})
HUGE = json.dumps({"data": {"title": "x" * 2_000_000}})
NOBODY = basic("alice", "not the password")
NONE: Mapping[str, str] = {}
#: Without these headers a browser asks nothing beforehand; what is not there refuses to be asked.
SIMPLE: Mapping[str, str] = {"Authorization": "", "Content-Type": ""}


@dataclass(frozen=True)
class Refused:
    """A request that is not answered as it wants to be.

    :param path: below the version; may name ``{records}`` and ``{bucket}``.
    :param headers: beside the usual ones, or instead of them.
    """

    status: int
    method: str
    path: str
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


REFUSALS = {
    "malformed JSON": Refused(400, "POST", "{records}", "{"),
    "a filter of the wrong form": Refused(400, "GET", "{records}?_limit=many"),
    "expired credentials": Refused(401, "GET", "{records}", headers={"Authorization": NOBODY}),
    "no credentials": Refused(401, "GET", "{records}", headers={"Authorization": ""}),
    "the bucket of somebody else": Refused(403, "GET", "/buckets/unknown/collections"),
    "an unknown record": Refused(404, "GET", "{records}/unknown"),
    "an unknown collection": Refused(404, "GET", "/buckets/{bucket}/collections/unknown"),
    "an unknown path": Refused(404, "GET", "/unknown", headers=SIMPLE),
    "a method that is not there": Refused(405, "POST", "/__lbheartbeat__", headers=SIMPLE),
    "a format that is not there": Refused(406, "GET", "{records}", headers={"Accept": "text/csv"}),
    "a stale write": Refused(412, "PUT", "{records}/known", ONE, {"If-Match": '"1000"'}),
    "a creation where something is": Refused(412, "PUT", "{records}/known", ONE, {"If-None-Match": "*"}),
    "a long body": Refused(413, "POST", "{records}", HUGE),
    "a body that is no JSON": Refused(415, "POST", "{records}", ONE, {"Content-Type": "text/plain"}),
}


@pytest.fixture
def page(two_pages: tuple[Page, Page]) -> Page:
    """The page of another origin."""
    two_pages[0].exchanges()
    return two_pages[0]


def ask(page: Page, place: Place, method: str, path: str, body: str = "", headers: Mapping[str, str] = NONE) -> Any:
    """What the script of the page gets; an empty header is not sent."""
    known = {"Authorization": place.authorization, "Content-Type": "application/json", **headers}
    options = {"method": method, "headers": {name: value for name, value in known.items() if value}}
    url = place.kinto.url + path.format(records=place.records, bucket=place.bucket)
    return page.evaluate("ask", url, {**options, **({"body": body} if body else {})})


def test_a_remote_change_is_seen_between_polls(browsers: tuple[Device, Device]) -> None:
    first, second = browsers
    # A browser keeps an answer the longer, the older the content is.
    old = {"data": {"title": "bread", "last_modified": int(time.time() * 1000) - YEAR_MS}}
    assert first.place.client.request("PUT", f"{first.place.records}/bread", old).status == 201
    for device in (first, first, second):
        assert device.sync()["ok"]
    second.update(second.records()[0], "butter")
    assert second.sync()["ok"]
    assert len(first.sync()["updated"]) == 1
    assert first.titles() == ["butter"]


def test_nothing_that_a_sync_reads_comes_from_the_cache_of_the_browser(browsers: tuple[Device, Device]) -> None:
    in_step(browsers, "bread")
    for device in browsers:
        assert device.sync()["ok"]
        found = device.exchanges()
        assert not [one.url for one in found if one.cached]
        assert all("no-store" in one.received["cache-control"] for one in found if "/records" in one.url and reads(one))


def reads(exchange: Exchange) -> bool:
    """Whether it is a GET; preflights are not."""
    return exchange.method == "GET"


@pytest.mark.parametrize("name", ["etag", "last-modified", "next-page", "content-type"])
def test_a_script_can_read_a_header_of_a_list(page: Page, place: Place, name: str) -> None:
    place.fill(2)
    assert name in ask(page, place, "GET", "{records}?_limit=1")["headers"]


@pytest.mark.parametrize("name", ["total-records", "total-objects", "etag"])
def test_a_script_can_count_records(page: Page, place: Place, name: str) -> None:
    place.fill(2)
    found = ask(page, place, "HEAD", "{records}")["headers"]
    assert found[name] == ("2" if "total" in name else found["etag"])


@pytest.mark.parametrize("name", ["Alert", "Backoff", "Retry-After"])
def test_a_script_could_read_a_warning(page: Page, place: Place, name: str) -> None:
    ask(page, place, "GET", "{records}")
    [answer] = [one for one in page.exchanges() if reads(one)]
    assert name in answer.received["access-control-expose-headers"].split(", ")


@pytest.mark.parametrize("refused", [pytest.param(value, id=name) for name, value in REFUSALS.items()])
def test_a_script_can_read_why_it_is_refused(page: Page, place: Place, refused: Refused) -> None:
    assert place.client.request("PUT", f"{place.records}/known", json.loads(ONE)).status == 201
    found = ask(page, place, refused.method, refused.path, refused.body, refused.headers)
    assert (found["error"], found["status"]) == ("", refused.status)
    assert found["headers"]["content-type"].startswith("application/json")
    problem = json.loads(found["text"])
    assert problem["code"] == refused.status
    assert isinstance(problem["errno"], int)


def test_a_script_can_read_that_the_service_has_a_problem(page: Page, place: Place) -> None:
    with broken_database(place):
        found = ask(page, place, "GET", "{records}")
    assert found["error"] == ""
    assert found["status"] in {500, 503}
    assert json.loads(found["text"])["code"] == found["status"]


@contextmanager
def broken_database(place: Place) -> Iterator[None]:
    """The tables of the records are gone, until the block ends."""
    engine = sa.create_engine(place.kinto.service.environ["KINTO_STORAGE_URL"], poolclass=sa.pool.NullPool)
    tables = [name for name in sa.inspect(engine).get_table_names() if "record" in name]
    rename(engine, {name: f"gone_{name}" for name in tables})
    yield
    rename(engine, {f"gone_{name}": name for name in tables})


def rename(engine: sa.Engine, names: dict[str, str]) -> None:
    """Give tables other names."""
    assert names
    with engine.begin() as connection:
        for old, new in names.items():
            connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")


@pytest.mark.parametrize("header", [{"If-Match": '"1000"'}, {"If-None-Match": "*"}])
def test_a_refused_write_says_what_is_there(page: Page, place: Place, header: dict[str, str]) -> None:
    place.client.request("PUT", f"{place.records}/known", json.loads(ONE))
    found = ask(page, place, "PUT", "{records}/known", json.dumps({"data": {}}), header)
    existing = json.loads(found["text"])["details"]["existing"]
    assert (existing["id"], existing["title"]) == ("known", "bread")
    assert found["headers"]["etag"] == f'"{existing["last_modified"]}"'


def test_a_record_that_is_gone_is_not_said_to_exist(page: Page, place: Place) -> None:
    place.client.request("PUT", f"{place.records}/known", json.loads(ONE))
    place.client.request("DELETE", f"{place.records}/known")
    found = ask(page, place, "PUT", "{records}/known", ONE, {"If-Match": '"1000"'})
    assert found["status"] == 412
    assert "existing" not in json.loads(found["text"]).get("details", {})


@pytest.mark.parametrize(
    ("method", "header"),
    [
        ("GET", {"Authorization": "Basic YWxpY2U6eA=="}),
        ("GET", {"Content-Type": "application/json"}),
        ("GET", {"If-None-Match": '"1000"'}),
        ("GET", {"If-Match": '"1000"'}),
        ("HEAD", {"Content-Type": "application/json"}),
        ("POST", {"Content-Type": "application/json"}),
        ("PUT", {"If-None-Match": "*"}),
        ("PUT", {"If-Match": '"1000"'}),
        ("PATCH", {"Content-Type": "application/json-patch+json"}),
        ("PATCH", {"Content-Type": "application/merge-patch+json"}),
        ("DELETE", {"If-Match": '"1000"'}),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_a_preflight_is_answered_without_credentials(
    page: Page, place: Place, method: str, header: dict[str, str]
) -> None:
    path = "{records}" if method in {"GET", "HEAD", "POST"} else "{records}/bread"
    body = "" if method in {"GET", "HEAD", "DELETE"} else "{}"
    found = ask(page, place, method, f"{path}?{uuid.uuid4()}", body, header)
    assert found["error"] == "", "the browser did not send it"
    preflights = [one for one in page.exchanges() if one.method == "OPTIONS"]
    assert all(one.status in {200, 204} and "authorization" not in one.sent for one in preflights)
    assert preflights


def test_the_personal_bucket_refuses_in_a_way_that_scripts_see(page: Page, place: Place) -> None:
    found = ask(page, place, "GET", "/buckets/default/collections/tasks/records", "", {"Authorization": NOBODY})
    assert (found["error"], found["status"]) == ("", 401)
