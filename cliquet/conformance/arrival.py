"""How the two users come to a server that keeps buckets: known to it, each with a collection of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final

from cliquet.conformance.client import Client
from cliquet.conformance.person import Person
from cliquet.conformance.place import Place, bucket, fresh
from cliquet.conformance.sample import Sample
from cliquet.conformance.shelf import Shelf

__all__ = ["ANYTHING", "arrive", "lodged"]

#: What records without a schema may look like.
ANYTHING: Final = Sample({"title": "Title {n}"})


def arrive(client: Client) -> Person:
    """The user of a client, who signs up where that is possible and needed.

    :raises ValueError: the service does not know the user, or the user may not create buckets.
    """
    return Person(client, _known(client) or _signed_up(client))


def _known(client: Client) -> str:
    user = client.request("GET", "/").expect(200).body.get("user", {})
    return str(user.get("id", ""))


def _signed_up(client: Client) -> str:
    name, password = client.auth or ("", "")
    with closing(Client(client.base_url)) as nobody:
        answer = nobody.request("PUT", f"/accounts/{name}", body={"data": {"password": password}})
    found = _known(client)
    if not found:
        raise ValueError(f"{name} is nobody there, and could not sign up: {answer}. Name others by --auth and --other.")
    return found


@contextmanager
def lodged(person: Person, sample: Sample) -> Iterator[Shelf]:
    """A collection of a user, in a bucket that goes in the end."""
    top = bucket(fresh())
    collection = top.child("collection", "kit")
    for place in (top, collection):
        _create(person, place)
    try:
        yield Shelf(person.client, collection.list("record"), sample)
    finally:
        person.delete(top)
        person.client.close()


def _create(person: Person, place: Place) -> None:
    answer = person.put(place, {})
    if answer.status != 201:
        raise ValueError(f"{person.id} may not create a {place.kind}: {answer}.")
