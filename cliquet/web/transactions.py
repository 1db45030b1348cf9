"""One transaction per request that writes: kept when the answer is a success, run again when the database asks."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from pyramid.request import Request
from pyramid.response import Response

from cliquet.database.transaction import Transaction
from cliquet.errors import Retryable
from cliquet.web import events
from cliquet.web.components import components

__all__ = ["current", "lend", "run"]

T = TypeVar("T")
_KEY = "cliquet.transaction"


def current(request: Request) -> Transaction | None:
    """The transaction that the request is part of, when somebody lent it one.

    >>> current(Request.blank("/")) is None
    True
    """
    found: Transaction | None = request.environ.get(_KEY)
    return found


def lend(request: Request, transaction: Transaction | None) -> None:
    """Make a sub-request part of a transaction.

    >>> request, transaction = Request.blank("/"), Transaction()
    >>> lend(request, transaction)
    >>> current(request) is transaction
    True
    """
    request.environ[_KEY] = transaction


def run(request: Request, work: Callable[[Transaction], T], *, first: Transaction | None = None) -> T:
    """The result of some work, kept; the work is done again when the database refuses it for no fault of its own.

    :param work: everything that is one unit, given the transaction; it raises, or answers an error, to undo it.
    :param first: the transaction of the first attempt, which has nothing to keep yet.
    :raises BackendError: when the database cannot, or refuses once too often.

    >>> from cliquet.testing.app import make_wsgi_app
    >>> request = Request.blank("/")
    >>> request.registry = make_wsgi_app().registry
    >>> run(request, lambda transaction: transaction.after_commit(lambda: print("kept")))
    kept
    """
    lent = current(request)
    if lent is not None:
        return work(lent)
    attempts = components(request.registry).settings.transaction_attempts
    for attempt in range(1, attempts + 1):
        try:
            return _once(request, work, first if first is not None and attempt == 1 else Transaction())
        except Retryable:
            if attempt == attempts:
                raise
            time.sleep(random.uniform(0, 0.01 * 2**attempt))
    raise AssertionError("unreachable: the last attempt returns or raises")


def _once(request: Request, work: Callable[[Transaction], T], transaction: Transaction) -> T:
    try:
        result = work(transaction)
        failed = isinstance(result, Response) and result.status_int >= 400
        if not failed:
            lend(request, transaction)
            events.send(request, transaction)
    except BaseException:
        transaction.rollback()
        raise
    finally:
        lend(request, None)
    transaction.rollback() if failed else transaction.commit()
    return result
