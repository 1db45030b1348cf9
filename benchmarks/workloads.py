"""All workloads by name: which requests, what their answers have to be, and the ratios that are the goal."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from benchmarks import articles, store
from benchmarks.workload import Workload

__all__ = ["BARE", "FLOOR", "HISTORY_GOAL", "READING_LIST", "STORE", "WORKLOADS", "WRITES"]

#: Of examples/kinto and of the peer.
STORE: Mapping[str, Workload] = MappingProxyType(
    {
        "hello": Workload(store.hello, 6, 4000),
        "GET record": Workload(store.get, 8, 1000),
        "list of 100": Workload(store.listed, 8, 600),
        "list, 304": Workload(store.not_modified, 8, 1000),
        "poll": Workload(store.poll, 8, 800),
        "walk of pages": Workload(store.walk, 8, 400),
        "shared-only list": Workload(store.shared_only, 50, 100),
        "POST": Workload(store.post, 6, 500),
        "PUT, new": Workload(store.put_new, 6, 500),
        "PUT": Workload(store.put, 6, 500),
        "PATCH": Workload(store.patch, 6, 500),
        "DELETE": Workload(store.delete, 6, 250),
        "batch of 25": Workload(store.batch, 30, 40),
    }
)
#: Of examples/readinglist; nothing to compare with.
READING_LIST: Mapping[str, Workload] = MappingProxyType(
    {
        "create an article": Workload(articles.create, None, 500),
        "poll for articles": Workload(articles.poll, None, 1000),
        "mark as read": Workload(articles.mark_read, None, 400),
    }
)
WORKLOADS: Mapping[str, Workload] = MappingProxyType({**STORE, **READING_LIST})

#: Reads, which may cost twice what bare views cost.
FLOOR = ("GET record", "list of 100", "list, 304", "poll")
#: All that there are bare views of; the others have no goal, but show how much of those beside the peer is to be had.
BARE = ("hello", *FLOOR, "POST", "PUT, new", "PUT", "batch of 25")
WRITES = ("POST", "PUT, new", "PUT", "PATCH", "DELETE")
#: What each of them has to reach with the history on.
HISTORY_GOAL = 5.0
