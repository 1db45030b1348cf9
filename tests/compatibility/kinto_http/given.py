"""What a test of a client starts from: a client whose calls are watched, and a place of its own on the server."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import kinto_http

from tests.compatibility.server import PASSWORD, Kinto


@dataclass
class Watched:
    """A client, sync or async, that is called as a sync one, and the names of the methods that were called."""

    client: Any
    called: set[str] = field(default_factory=set)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.client, name)
        if not callable(found):
            return found
        self.called.add(name)
        return self._watched(waited(found) if inspect.iscoroutinefunction(found) else found)

    @contextmanager
    def batch(self, **options: Any) -> Iterator[Watched]:
        """The context of a batch; the calls inside it are watched too."""
        with self.__getattr__("batch")(**options) as inner:
            yield Watched(inner, self.called)

    def _watched(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            answer = method(*arguments, **options)
            return Watched(answer, self.called) if isinstance(answer, kinto_http.Client) else answer

        return call


def waited(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of an async client, as a function that waits."""

    async def settled(*arguments: Any, **options: Any) -> Any:
        answer = await method(*arguments, **options)
        # In 11.11 a method that calls another one, such as approve_changes, gives its coroutine back.
        return await answer if inspect.isawaitable(answer) else answer

    def call(*arguments: Any, **options: Any) -> Any:
        return asyncio.run(settled(*arguments, **options))

    return call


@dataclass(frozen=True)
class Given:
    """Where a test is.

    :param client: alice's, for ``bucket`` and its collection ``notes``; both exist.
    :param kinto: the server.
    :param bucket: the id of a bucket that no other test uses.
    :param folder: for files.
    """

    client: Watched
    kinto: Kinto
    bucket: str
    folder: Path

    def of(self, user: str) -> Watched:
        """A client of the same kind for another user; its calls count as calls of this one."""
        kind = type(self.client.client)
        return Watched(kind(server_url=self.kinto.url, auth=(user, PASSWORD)), self.client.called)
