"""Batches whose operations are given as values, for tests of what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import methodcaller
from typing import Any

import pytest
from kinto_http import KintoBatchException

#: One operation: ``do("create_record", id="r1")``.
do = methodcaller


def run(client: Any, operations: Iterable[Callable[[Any], Any]]) -> Any:
    """The results of a batch of operations.

    :raises KintoBatchException: when one of them fails.
    """
    with client.batch() as batch:
        for operation in operations:
            operation(batch)
    return batch.results()


def failed(client: Any, *operations: Callable[[Any], Any]) -> KintoBatchException:
    """The error of a batch of operations."""
    with pytest.raises(KintoBatchException) as found:
        run(client, operations)
    return found.value


def responses(error: KintoBatchException) -> Any:
    """The answers to the operations of a batch that failed, as the server sent them."""
    ((body, _headers),) = error.results
    return body["responses"]
