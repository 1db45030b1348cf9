"""Permissions in Redis or Valkey (6.2 or later)."""

from __future__ import annotations

import itertools
import logging
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import redis

from cliquet.database.redis import connect
from cliquet.database.transaction import Transaction
from cliquet.errors import BackendError, Overloaded
from cliquet.permission.base import possible
from cliquet.permission.collected import Collected
from cliquet.permission.pending import Change, Pending, Region, apply
from cliquet.permission.redis_keys import Difference, Keys, unpack
from cliquet.permission.state import State

__all__ = ["RedisPermission", "connect", "load_from_config"]

T = TypeVar("T")

_logger = logging.getLogger("cliquet.permission")
#: Somebody else's change makes ours start over: how often, and how long (s) it waits before.
_ATTEMPTS = 200
_PAUSE = 0.005
_FLUSH_BATCH = 500


class RedisPermission(Collected):
    """Keeps permissions in sets.

    The changes of a transaction are sent together, once everything else in it was kept: when Redis fails at that
    moment, records were changed and their permissions were not, and the commit raises a
    :class:`~cliquet.errors.BackendError`; to send the same request again repairs that. Who needs both to be one, keeps
    both in one SQL database. A list is read in several steps, between which somebody may change it.

    :param client: from :func:`connect`.
    :param prefix: separates services that share a server.
    """

    #: As far as the server itself is told to keep its data.
    durable = True
    shared_between_processes = True
    shared_between_servers = True

    def __init__(self, client: redis.Redis, prefix: str = "") -> None:
        self._client = client
        self._keys = Keys.of(prefix)

    def begin(self, transaction: Transaction) -> Pending:
        collected: list[Change] = []
        transaction.after_commit(lambda: self.keep(collected))
        return Pending(collected.extend)

    def ask(self, region: Region, question: Callable[[State], T], changes: Sequence[Change]) -> T:
        with _translated():
            state = self._fetch([region, *(change.region for change in changes)], paged=not changes)
        return question(apply(changes, state))

    def keep(self, changes: list[Change]) -> None:
        """Make changes, all at once, and after those that others make.

        :raises Overloaded: when others make too many.
        """
        emptied = max((number for number, one in enumerate(changes, 1) if one.region.everything), default=0)
        with _translated():
            if emptied:
                self._empty()
            if emptied == len(changes):
                return
            for _ in range(_ATTEMPTS):
                if self._kept(changes[emptied:]):
                    return
                time.sleep(random.uniform(0, _PAUSE))
        raise Overloaded(message="Permissions are changed too often.")

    def ping(self) -> bool:
        try:
            self._client.ping()
        except (redis.RedisError, OSError) as error:
            _logger.warning("Heartbeat Failure: Redis permission: %s", error)
            return False
        return True

    def close(self) -> None:
        self._client.close()

    def _empty(self) -> None:
        """Forget everything, and let those start over who change something meanwhile."""
        self._client.incr(self._keys.version)
        found = self._client.scan_iter(match=self._keys.space + "*", count=_FLUSH_BATCH)
        keys = (key for key in found if key != self._keys.version.encode())
        while batch := list(itertools.islice(keys, _FLUSH_BATCH)):
            self._client.unlink(*batch)

    def _kept(self, changes: list[Change]) -> bool:
        """Whether nobody changed anything since we read what our changes are about."""
        version = self._client.get(self._keys.version)
        before = self._fetch([change.region for change in changes], paged=False)
        difference = Difference(before, apply(changes, before.copy()))
        if not difference:
            return True
        holders = self._all(lambda pipeline, one: pipeline.zcard(self._keys.held(one)), difference.holders)
        members = self._all(lambda pipeline, one: pipeline.scard(self._keys.members(one)), difference.groups)
        with self._client.pipeline() as pipeline:
            pipeline.watch(self._keys.version)  # type: ignore[no-untyped-call]  # has no annotations
            if pipeline.get(self._keys.version) != version:
                return False
            pipeline.multi()
            difference.write(self._keys, pipeline)
            difference.index(pipeline, self._keys.holders, difference.holders, holders)
            difference.index(pipeline, self._keys.grouped, difference.groups, members)
            pipeline.incr(self._keys.version)
            try:
                pipeline.execute()
            except redis.WatchError:
                return False
        return True

    def _fetch(self, regions: Sequence[Region], *, paged: bool) -> State:
        """The state of regions."""
        below = [region.under for region in regions if region.under]
        spans = [region.groups_under for region in regions if region.groups_under]
        objects = _union(region.objects for region in regions) | self._spanned(self._keys.objects, below)
        named = _union(region.groups for region in regions)
        groups = named | self._spanned(self._keys.grouped, spans)
        principals = named | self._spanned(self._keys.holders, spans)
        objects |= self._flat(lambda pipeline, one: pipeline.zrange(self._keys.held(one), 0, -1), principals)
        objects |= _union(self._held(region, paged=paged) for region in regions)
        users = _union(region.users for region in regions)
        users |= self._flat(lambda pipeline, group: pipeline.smembers(self._keys.members(group)), groups)
        return self._read(sorted(filter(possible, objects)), sorted(filter(possible, users)))

    def _held(self, region: Region, *, paged: bool) -> set[str]:
        """The objects that the holders of a region have."""

        def ask(pipeline: Any, principal: str) -> None:
            if region.parent is not None:
                pipeline.smembers(self._keys.children(region.parent, principal))
            elif region.page is not None and paged:
                self._keys.sliced(pipeline, principal, region.page)
            else:
                pipeline.zrange(self._keys.held(principal), 0, -1)

        found = self._flat(ask, region.holders if possible(region.parent or "") else ())
        return found if region.page is None or not paged else set(region.page.first(found))

    def _spanned(self, key: str, spans: Iterable[Any]) -> set[str]:
        asked = [span for span in spans if possible(span.low)]
        answers = self._all(lambda pipeline, span: self._keys.between(pipeline, key, span), asked)
        return {name.decode() for answer in answers for name in answer}

    def _read(self, objects: list[str], users: list[str]) -> State:
        """All ACEs on objects, and all groups of users, in one step."""
        keys = [*map(self._keys.ace, objects), *map(self._keys.groups, users)]
        answers = self._all(lambda pipeline, key: pipeline.smembers(key), keys)
        aces: dict[str, dict[str, frozenset[str]]] = {}
        for object_id, entries in zip(objects, answers, strict=False):
            for permission, principal in map(unpack, entries):
                permissions = aces.setdefault(object_id, {})
                permissions[permission] = permissions.get(permission, frozenset()) | {principal}
        groups = {
            user_id: frozenset(group.decode() for group in found)
            for user_id, found in zip(users, answers[len(objects) :], strict=True)
            if found
        }
        return State(aces, groups)

    def _flat(self, ask: Callable[[Any, str], Any], names: Iterable[str]) -> set[str]:
        """All that is answered to a command for each of some names."""
        return {found.decode() for answer in self._all(ask, filter(possible, names)) for found in answer}

    def _all(self, ask: Callable[[Any, Any], Any], names: Iterable[Any]) -> list[Any]:
        """The answers to a command for each of some names, all sent together."""
        with self._client.pipeline(transaction=False) as pipeline:
            for name in names:
                ask(pipeline, name)
            return pipeline.execute() if len(pipeline) else []


def _union(sets: Iterable[Iterable[str]]) -> set[str]:
    return set(itertools.chain.from_iterable(sets))


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (redis.RedisError, OSError) as error:
        raise BackendError(error) from error


def load_from_config(config: Any) -> RedisPermission:
    """The backend that ``permission_url`` asks for; the project's name is its prefix, unless the settings have one."""
    settings = config.registry["cliquet.settings"]
    client = connect(
        settings.permission_url,
        setting="permission_url",
        pool_size=settings.permission_pool_size,
        timeout=settings.permission_timeout_seconds,
        retries=1,
    )
    return RedisPermission(client, settings.permission_prefix or settings.project_name)
