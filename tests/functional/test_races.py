"""Clients race over HTTP for the same record, through two server processes on one database."""

from __future__ import annotations

import functools
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cliquet.testing.service import Answer, Client, Service
from tests.functional.services import INI, article, on_postgresql, on_sqlite

CLIENTS = 8
ROUNDS = 12


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def environ(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables for a database with a schema, of each kind in turn."""
    if request.param == "sqlite":
        return on_sqlite(tmp_path_factory.mktemp("sqlite"))
    return on_postgresql(request.getfixturevalue("database_of_module"))


@pytest.fixture(scope="module")
def urls(environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Two servers of records with any fields, on one database; every test has records of its own."""
    folder = tmp_path_factory.mktemp("notes")
    ini = folder / "notes.ini"
    ini.write_text("[app:main]\nuse = call:tests.functional.notes:main\nstorage_backend = cliquet.storage.sqlite\n")
    with Service(ini, folder, environ) as one, Service(ini, folder, environ) as other:
        yield f"{one.url}/v1", f"{other.url}/v1"


@pytest.fixture
def lists(environ: dict[str, str], tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Two reading lists on one database."""
    with Service(INI, tmp_path, environ) as one, Service(INI, tmp_path, environ) as other:
        yield f"{one.url}/v1", f"{other.url}/v1"


def at_once(urls: tuple[str, str], act: Callable[[Client, int], Any]) -> list[Any]:
    """What each of the clients got, who all start at the same moment."""
    start, answers = threading.Barrier(CLIENTS), []

    def work(number: int) -> None:
        client = Client(urls[number % 2], "ann:a")
        start.wait()
        answers.append(act(client, number))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == CLIENTS
    return answers


def _put_new(path: str, client: Client, number: int) -> Answer:
    return client.request("PUT", path, {"data": {"by": number}}, If_None_Match="*")


def _post(body: Any, client: Client, number: int) -> Answer:
    return client.request("POST", "/articles", body)


def statuses(answers: list[Answer]) -> list[int]:
    return sorted(answer.status for answer in answers)


def test_one_client_creates_a_record_that_must_not_exist(urls: tuple[str, str]) -> None:
    for _ in range(ROUNDS):
        answers = at_once(urls, functools.partial(_put_new, f"/notes/{uuid.uuid4()}"))
        assert statuses(answers) == [201] + [412] * (CLIENTS - 1)
        (winner,) = (answer.json["data"] for answer in answers if answer.status == 201)
        losers = [answer.json["details"]["existing"] for answer in answers if answer.status == 412]
        assert losers == [winner] * (CLIENTS - 1)


def test_no_update_under_if_match_is_lost(urls: tuple[str, str]) -> None:
    path = f"/notes/{uuid.uuid4()}"
    Client(urls[0], "ann:a").request("PUT", path, {"data": {"count": 0}})

    def count_up(client: Client, number: int) -> int:
        done = 0
        while done < 5:
            seen = client.request("GET", path)
            wanted = {"data": {"count": seen.json["data"]["count"] + 1}}
            answer = client.request("PUT", path, wanted, If_Match=seen.headers["etag"])
            assert answer.status in (200, 412)
            done += answer.status == 200
        return done

    assert sum(at_once(urls, count_up)) == CLIENTS * 5
    assert Client(urls[1], "ann:a").request("GET", path).json["data"]["count"] == CLIENTS * 5


def test_patches_of_different_fields_are_all_kept(urls: tuple[str, str]) -> None:
    path = f"/notes/{uuid.uuid4()}"
    Client(urls[0], "ann:a").request("PUT", path, {"data": {}})
    answers = at_once(urls, lambda client, number: client.request("PATCH", path, {"data": {f"field{number}": number}}))
    assert statuses(answers) == [200] * CLIENTS
    stored = Client(urls[1], "ann:a").request("GET", path).json["data"]
    assert {f"field{number}": number for number in range(CLIENTS)}.items() <= stored.items()


def test_batches_over_the_same_records_in_any_order_all_succeed(urls: tuple[str, str]) -> None:
    paths = [f"/notes/{uuid.uuid4()}" for _ in range(6)]

    def write(client: Client, number: int) -> Answer:
        order = paths[number % 6 :] + paths[: number % 6]
        requests = [{"method": "PUT", "path": path, "body": {"data": {"by": number}}} for path in order]
        return client.request("POST", "/batch", {"requests": requests})

    for _ in range(3):
        for answer in at_once(urls, write):
            assert answer.status == 200
            assert {entry["status"] for entry in answer.json["responses"]} <= {200, 201}


def test_one_article_is_stored_for_one_url(lists: tuple[str, str]) -> None:
    for round_ in range(ROUNDS):
        answers = at_once(lists, functools.partial(_post, article(round_)))
        assert statuses(answers) == [200] * (CLIENTS - 1) + [201]
        assert len({answer.json["data"]["id"] for answer in answers}) == 1
    total = Client(lists[1], "ann:a").request("HEAD", "/articles").headers["total-records"]
    assert int(total) == ROUNDS
