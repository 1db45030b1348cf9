"""The workloads of the reading list: what the devices of many users do."""

from __future__ import annotations

import itertools
import random

from benchmarks.wire import Check, Place, Request, Requests
from benchmarks.workload import forever, has, holds

__all__ = ["ARTICLES", "KNOWN", "USERS", "article", "create", "mark_read", "marker", "poll", "user"]

ARTICLES = "/articles"
#: Users who have articles already, and how many each.
USERS, KNOWN = 10, 50
_READ = {"unread": False, "marked_read_by": "tablet", "marked_read_on": 1}


def user(index: int) -> str:
    """One of the users."""
    return f"user-{index}:secret"


def article(number: int) -> dict[str, str]:
    """What a device sends."""
    return {"title": f"Article {number}", "url": f"https://articles.example/{number}", "added_by": "phone"}


def marker(index: int) -> str:
    """The user of one of the connections."""
    return f"marker-{index}:secret"


def _another(chance: random.Random, name: str) -> tuple[Request, Check]:
    sent = article(chance.randrange(10**12))
    return Request("POST", ARTICLES, {"data": sent}, name), holds([201], id=..., unread=True, **sent)


@forever
def create(_: Place, chance: random.Random) -> tuple[Request, Check]:
    """A user saves an article."""
    return _another(chance, f"saver-{chance.randrange(USERS)}:secret")


@forever
def poll(place: Place, chance: random.Random) -> tuple[Request, Check]:
    """A device asks what is new since it asked last; it is the article that was saved last."""
    index = chance.randrange(USERS)
    return Request("GET", f"{ARTICLES}?_since={place.recently}", user=user(index)), has(1, "url")


def mark_read(_: Place, __: random.Random, index: int) -> Requests:
    """A user reads one article after the other; when all are read, they become unread, and so on."""
    name = marker(index)
    answer = yield Request("GET", ARTICLES, user=name), has(KNOWN, "unread")
    articles = {one["id"]: one["unread"] for one in answer.json["data"]}
    for article_id in itertools.cycle(articles):
        articles[article_id] = not articles[article_id]
        data = {"unread": True} if articles[article_id] else _READ
        yield Request("PATCH", f"{ARTICLES}/{article_id}", {"data": data}, name), holds([200], **data)
