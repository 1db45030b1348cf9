"""The checks of answers: each of them sees what is wrong."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from benchmarks.articles import KNOWN
from benchmarks.wire import REFUSED, Answer, Place
from benchmarks.workloads import FLOOR, READING_LIST, STORE, WORKLOADS, WRITES

PLACE = Place("127.0.0.1", 8888, "/v1", records=1000, etag='"9"', recently=5, newest="x")


def judged(workload: str, status: int, content: Any = None, *, steps: int = 1) -> str:
    """What the check of a workload says of an answer.

    :param content: of the body; called with the body of the request when it depends on it.
    """
    requests = WORKLOADS[workload].requests(PLACE, random.Random(1), 0)
    request, check = next(requests)
    for _ in range(steps - 1):
        listed = [{"id": f"a{index}", "unread": True} for index in range(KNOWN)]
        request, check = requests.send(Answer(200, {}, json.dumps({"data": listed}).encode()))
    found = content(request) if callable(content) else content
    return check(Answer(status, {}, b"" if found is None else json.dumps(found).encode()))


def records(count: int, first: str = "x") -> Any:
    return {"data": [{"id": first, "title": "t", "url": "u"}] * count}


def changed(request: Any) -> Any:
    """What a store answers to a write."""
    name = request.path.rpartition("/")[2]
    return {"data": {"title": "t", **(request.body or {"data": {}})["data"], "id": name, "last_modified": 7}}


def created(request: Any) -> Any:
    return {"responses": [{"status": 201}] * len(request.body["requests"])}


@pytest.mark.parametrize(
    ("workload", "status", "content"),
    [
        ("hello", 200, {"http_api_version": "1"}),
        ("list of 100", 200, records(100)),
        ("list, 304", 304, None),
        ("poll", 200, records(5)),
        ("walk of pages", 200, records(100)),
        ("shared-only list", 200, records(100)),
        ("POST", 201, changed),
        ("PUT, new", 201, changed),
        ("PUT", 200, changed),
        ("PATCH", 200, changed),
        ("batch of 25", 200, created),
        ("create an article", 201, lambda request: {"data": {**request.body["data"], "id": "i", "unread": True}}),
        ("poll for articles", 200, records(1)),
        ("mark as read", 200, {"data": [{"unread": True}] * KNOWN}),
    ],
)
def test_a_right_answer_is_accepted_and_others_are_not(workload: str, status: int, content: Any) -> None:
    assert judged(workload, status, content) == ""
    assert judged(workload, 500, content) != "", "another status is accepted"
    wrong: Any = {"data": {}, "responses": []} if status != 304 else {"data": []}
    assert judged(workload, status, wrong) != "", "another body is accepted"


def test_the_record_that_was_asked_for_is_expected() -> None:
    def found(request: Any) -> Any:
        name = request.path.rpartition("/")[2]
        return {"data": {"id": name, "title": f"Record number {name.removeprefix('seed-')}", "last_modified": 7}}

    def another(request: Any) -> Any:
        return {"data": {**found(request)["data"], "title": "Record number 1"}}

    assert judged("GET record", 200, found) == ""
    assert judged("GET record", 200, another) == "has another title"


def test_a_list_begins_with_the_newest_record() -> None:
    assert judged("list of 100", 200, records(100, "y")) == "does not begin with x"
    assert judged("poll", 200, records(5, "y")) == "does not begin with x"


def test_a_deletion_answers_with_the_tombstone() -> None:
    assert judged("DELETE", 200, {"data": {"id": "doomed-0-0-0", "deleted": True}}) == ""
    assert judged("DELETE", 200, {"data": {"id": "doomed-0-0-0"}}) == "has another deleted"


def test_an_article_is_read_when_the_answer_says_so() -> None:
    assert judged("mark as read", 200, lambda request: request.body, steps=2) == ""
    assert judged("mark as read", 200, {"data": {"unread": True}}, steps=2) == "has another unread"


def test_a_batch_of_which_a_part_collided_is_counted_apart() -> None:
    parts = [{"status": 201}] * 24
    assert judged("batch of 25", 200, {"responses": [*parts, {"status": 409}]}) == REFUSED
    assert judged("batch of 25", 200, {"responses": [*parts, {"status": 503}]}) not in ("", REFUSED)


def test_a_walk_goes_on_where_the_last_page_ended() -> None:
    requests = STORE["walk of pages"].requests(PLACE, random.Random(1), 0)
    first, _ = next(requests)
    following = "http://127.0.0.1:8888/v1/next?_token=t"
    second, _ = requests.send(Answer(200, {"next-page": following}, b""))
    third, _ = requests.send(Answer(200, {}, b""))
    assert [first.path, second.path, third.path] == [first.path, "/next?_token=t", first.path]


@pytest.mark.parametrize(
    ("count", "more", "right"), [(100, True, True), (99, True, False), (7, False, True), (0, False, False)]
)
def test_only_the_last_page_of_a_walk_may_be_short(count: int, more: bool, right: bool) -> None:
    requests = STORE["walk of pages"].requests(PLACE, random.Random(1), 0)
    _, check = next(requests)
    headers = {"next-page": "http://127.0.0.1:8888/v1/next"} if more else {}
    assert (check(Answer(200, headers, json.dumps(records(count)).encode())) == "") == right


def test_names_of_workloads_are_those_that_there_are() -> None:
    assert set(FLOOR) | set(WRITES) <= set(STORE)
    assert set(WORKLOADS) == set(STORE) | set(READING_LIST)
    assert all(workload.goal for workload in STORE.values())
