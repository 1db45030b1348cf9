"""Transactions as tests need them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cliquet.database.transaction import Transaction

__all__ = ["undone"]


@contextmanager
def undone() -> Iterator[Transaction]:
    """A transaction that is undone in the end, also when the test fails: the next one finds no locks.

    >>> with undone() as transaction:
    ...     transaction.after_commit(lambda: print("undone, and so not printed"))
    """
    transaction = Transaction()
    try:
        yield transaction
    finally:
        transaction.rollback()
