"""The tests that every permission backend has to pass."""

from __future__ import annotations

from cliquet.testing.permission.access import AccessContract
from cliquet.testing.permission.entries import EntriesContract
from cliquet.testing.permission.groups import GroupsContract
from cliquet.testing.permission.holdings import HoldingsContract
from cliquet.testing.permission.operating import OperatingContract
from cliquet.testing.permission.transactions import TransactionsContract

__all__ = ["PermissionContract"]


class PermissionContract(
    GroupsContract, EntriesContract, AccessContract, HoldingsContract, TransactionsContract, OperatingContract
):
    """Inherit from this in a test module, and give the fixture ``permission``: migrated.

    The backend may be the same for all tests of the class: each test empties it first.

    >>> import pytest
    >>> from cliquet.permission.memory import MemoryPermission
    >>> class TestMemoryPermission(PermissionContract):
    ...     @pytest.fixture(scope="class")
    ...     @classmethod
    ...     def permission(cls):
    ...         return MemoryPermission()
    """
