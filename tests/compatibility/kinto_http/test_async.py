"""The async client, awaited the way that its users do."""

from __future__ import annotations

import asyncio
from typing import Any

import kinto_http
import pytest

from tests.compatibility.kinto_http.conftest import As


@pytest.fixture
def client(as_user: As, alice: Any) -> Any:
    """The async client of Alice; her bucket and her collection exist."""
    found = as_user("alice").session
    return kinto_http.AsyncClient(session=found, bucket=alice.bucket_name, collection="notes")


def test_requests_at_the_same_time_are_all_done(client: Any, alice: Any) -> None:
    async def create() -> Any:
        return await asyncio.gather(
            *(client.create_record(id=f"r{number}", data={"n": number}) for number in range(40))
        )

    created = asyncio.run(create())
    assert [answer["data"]["n"] for answer in created] == list(range(40))
    assert len({answer["data"]["last_modified"] for answer in created}) == 40
    assert len(alice.get_records()) == 40


def test_one_of_many_creations_of_the_same_record_succeeds(client: Any) -> None:
    async def create() -> Any:
        calls = [client.create_record(id="r1", data={"n": number}) for number in range(10)]
        return await asyncio.gather(*calls, return_exceptions=True)

    found = asyncio.run(create())
    refused = [answer for answer in found if isinstance(answer, kinto_http.KintoException)]
    assert [error.response.status_code for error in refused] == [412] * 9


def test_no_change_of_many_at_the_same_time_is_lost(client: Any, alice: Any) -> None:
    alice.create_record(id="r1")

    async def patch() -> None:
        await asyncio.gather(*(client.patch_record(id="r1", data={f"field{number}": number}) for number in range(20)))

    asyncio.run(patch())
    found = alice.get_record(id="r1")["data"]
    assert {found.get(f"field{number}") for number in range(20)} == set(range(20))


def test_errors_are_raised_where_one_awaits(client: Any) -> None:
    async def read() -> None:
        with pytest.raises(kinto_http.KintoException, match="404"):
            await client.get_record(id="nobody-made-this")
        with pytest.raises(kinto_http.BucketNotFound):
            await client.get_bucket(id="nobody-made-this")

    asyncio.run(read())


def test_pages_are_read_while_others_write(client: Any) -> None:
    async def both() -> list[str]:
        for number in range(6):
            await client.create_record(id=f"r{number}")
        pages = await client.get_paginated_records(_limit=2, _sort="id")
        found = []
        for page in pages:
            found += [record["id"] for record in page["data"]]
            await client.patch_record(id=found[-1], data={"seen": True})
        return found

    assert asyncio.run(both()) == [f"r{number}" for number in range(6)]
