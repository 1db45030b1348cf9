"""What kinto-admin asks of the service, request by request."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from cliquet.testing.service import Client, Service
from tests.compatibility.browser.devices import Place, Record
from tests.compatibility.browser.node import Exchange, Page, Profile
from tests.compatibility.server import Kinto

#: A page, and what it has loaded, by kind.
Loaded = tuple[Page, dict[str, Exchange]]
#: What the console needs of hello before it offers changes.
NEEDED = {"accounts", "permissions_endpoint", "history", "schema", "default_bucket", "admin"}


@pytest.fixture
def busy(place: Place) -> Place:
    """A collection with five records, one of which was changed, and a group."""
    place.fill(5)
    record = f"{place.records}/{data(place, place.records)[0]['id']}"
    assert place.client.request("PATCH", record, {"data": {"status": "to-sign"}}).status == 200
    group = f"/buckets/{place.bucket}/groups/readers"
    assert place.client.request("PUT", group, {"data": {"members": ["account:bob"]}}).status == 201
    return place


def data(place: Place, path: str) -> Any:
    """What the service has at a path, below the version."""
    answer = place.client.request("GET", path)
    assert answer.status == 200, answer
    return answer.json["data"]


def pages(place: Place, path: str) -> list[Record]:
    """All that the service lists at a path, page by page."""
    answer = place.client.request("GET", path)
    found: list[Record] = answer.json["data"]
    while "next-page" in answer.headers:
        answer = place.client.request("GET", answer.headers["next-page"].removeprefix(place.kinto.url))
        found += answer.json["data"]
    return found


def test_the_word_undefined_is_no_credential(kinto: Kinto) -> None:
    answer = Client(kinto.url).request("GET", "/", Authorization="undefined")
    assert answer.status == 200
    assert "user" not in answer.json


def test_hello_lists_what_the_console_needs(kinto: Kinto) -> None:
    assert set(Client(kinto.url).request("GET", "/").json["capabilities"]) >= NEEDED


def test_hello_tells_the_limits(kinto: Kinto) -> None:
    settings = Client(kinto.url).request("GET", "/").json["settings"]
    assert settings["batch_max_requests"] > 0
    assert settings["readonly"] is False


def test_hello_tells_who_one_is(place: Place) -> None:
    user = place.client.request("GET", "/").json["user"]
    assert user["id"] == "account:alice"
    assert {"account:alice", "system.Authenticated", "system.Everyone"} <= set(user["principals"])
    assert user["bucket"]


def test_permissions_are_listed_without_kinds_that_are_excluded(busy: Place) -> None:
    found = pages(busy, "/permissions?exclude_resource_name=record%2Cgroup&_sort=id")
    assert not {"record", "group"} & {each["resource_name"] for each in found}
    [own] = [each for each in found if each["uri"] == busy.path]
    assert own["bucket_id"] == busy.bucket
    assert own["id"] == own["collection_id"] == busy.collection
    assert "write" in own["permissions"]


def test_permissions_come_in_pages(busy: Place) -> None:
    seen = {each["uri"] for each in pages(busy, "/permissions?exclude_resource_name=group&_sort=id&_limit=7")}
    assert {f"{busy.records}/{each['id']}" for each in data(busy, busy.records)} <= seen


def test_an_entry_of_a_batch_without_a_method_reads(busy: Place) -> None:
    entries = [{"headers": {}, "path": f"/buckets/{busy.bucket}/collections?_sort=-last_modified"}]
    body = {"defaults": {"headers": {}}, "requests": entries}
    [answer] = busy.client.request("POST", "/batch", body).json["responses"]
    assert answer["status"] == 200
    assert [each["id"] for each in answer["body"]["data"]] == [busy.collection]


@pytest.mark.parametrize(
    ("path", "total"),
    [("{path}/records", 5), ("{bucket}/collections", 1), ("{bucket}/groups", 1), ("{bucket}/history", 9)],
    ids=["records", "collections", "groups", "history"],
)
def test_a_list_is_counted_without_reading_it(busy: Place, path: str, total: int) -> None:
    path = path.format(path=busy.path, bucket=f"/buckets/{busy.bucket}")
    answer = busy.client.request("HEAD", path)
    assert (answer.status, answer.headers["total-records"], answer.json) == (200, str(total), None)
    assert busy.client.request("HEAD", f"{path}?_limit=1").headers["total-records"] == str(total)


@pytest.mark.parametrize("path", ["{path}/records", "{bucket}/history"], ids=["records", "history"])
def test_a_list_is_read_in_pages_by_a_sort(busy: Place, path: str) -> None:
    path = path.format(path=busy.path, bucket=f"/buckets/{busy.bucket}")
    wanted = sorted(each["last_modified"] for each in data(busy, f"{path}?_limit=200"))
    assert [each["last_modified"] for each in pages(busy, f"{path}?_sort=last_modified&_limit=3")] == wanted


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"exclude_resource_name": "record"}, 3),
        ({"resource_name": "record"}, 6),
        ({"collection_id": "tasks"}, 7),
        ({"target.data.status": "to-sign"}, 1),
        ({"gt_target.data.last_modified": "0", "resource_name": "record", "action": "create"}, 5),
        ({"like_user_id": '"account:*"'}, 9),
        ({"exclude_user_id": "plugin:signer"}, 9),
        ({"collection_id": "tasks", "resource_name": "collection"}, 1),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else str(value),
)
def test_history_is_filtered_by_what_it_tells_of(busy: Place, filters: dict[str, str], count: int) -> None:
    query = "&".join(f"{name}={quote(value)}" for name, value in filters.items())
    assert len(data(busy, f"/buckets/{busy.bucket}/history?_sort=-last_modified&_limit=200&{query}")) == count


@pytest.mark.parametrize("kind", ["bucket", "collection", "group"])
def test_permissions_alone_keep_the_data(busy: Place, kind: str) -> None:
    bucket = f"/buckets/{busy.bucket}"
    path = {"bucket": bucket, "collection": busy.path, "group": f"{bucket}/groups/readers"}[kind]
    busy.client.request("PATCH", path, {"data": {"note": "kept"}})
    before = busy.client.request("GET", path)
    sent = {"permissions": {"read": ["system.Everyone"], "write": ["account:alice"]}}
    answer = busy.client.request("PUT", path, sent, If_Match=before.headers["etag"])
    assert answer.status == 200
    assert answer.json["data"]["note"] == "kept"
    assert answer.json["permissions"]["read"] == ["system.Everyone"]
    assert data(busy, path).get("members") == before.json["data"].get("members")


def test_the_heartbeat_is_seen_without_logging_in(kinto: Kinto) -> None:
    answer = Client(kinto.url).request("GET", "/__heartbeat__")
    assert answer.status == 200
    assert False not in answer.json.values()


@pytest.fixture(scope="module")
def first_load(profiles: tuple[Profile, Profile], kinto: Kinto) -> Iterator[Loaded]:
    """The page of the console when it is opened, and what it loaded, by kind; the slash of its address is left out."""
    page = profiles[1].page("about:blank")
    page.act("goto", f"{kinto.url}/admin")
    page.act("waitForSelector", "text=Kinto Account Auth")
    yield page, {one.kind: one for one in page.exchanges()}
    page.act("close")


def test_the_console_is_found_without_the_slash(first_load: Loaded, kinto: Kinto) -> None:
    page, loaded = first_load
    assert (loaded["Document"].url, loaded["Document"].status) == (f"{kinto.url}/admin/", 200)
    assert page.act("url").startswith(f"{kinto.url}/admin/")


def test_the_scripts_of_the_console_have_their_type(first_load: Loaded) -> None:
    assert first_load[1]["Script"].received["content-type"].lower() == "text/javascript; charset=utf-8"
    assert first_load[1]["Stylesheet"].received["content-type"].startswith("text/css")


def test_only_the_console_may_compile_scripts(first_load: Loaded) -> None:
    page, loaded = first_load
    assert "'unsafe-eval'" in loaded["Document"].received["content-security-policy"]
    assert "default-src 'none'" in loaded["Fetch"].received["content-security-policy"]
    assert not [text for text in page.complaints() if "Content Security Policy" in text]


def test_nothing_of_the_console_comes_from_elsewhere(first_load: Loaded, kinto: Kinto) -> None:
    page, loaded = first_load
    assert page.evaluate("(() => performance.getEntriesByType('resource').map((one) => one.name))")
    assert not [one.url for one in loaded.values() if not one.url.startswith((kinto.service.url, "data:"))]


def test_a_console_without_a_build_is_not_offered(kinto: Kinto, tmp_path: Path) -> None:
    environ = {**kinto.service.environ, "KINTO_ADMIN_ASSETS_PATH": str(tmp_path / "nothing")}
    with Service(kinto.service.ini, tmp_path, environ) as service:
        client = Client(f"{service.url}/v1")
        assert "admin" not in client.request("GET", "/").json["capabilities"]
        assert client.request("GET", "/admin").status == 404


@pytest.mark.parametrize(("mode", "asks"), [("cors", False), ("same-origin", False), ("navigate", True), ("", True)])
def test_a_page_that_is_refused_opens_no_dialog_of_the_browser(place: Place, mode: str, *, asks: bool) -> None:
    headers = {"Sec_Fetch_Mode": mode} if mode else {}
    answer = Client(place.kinto.url).request("GET", place.path, **headers)
    assert answer.status == 401
    assert ("www-authenticate" in answer.headers) is asks
