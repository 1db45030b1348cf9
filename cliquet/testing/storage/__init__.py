"""The tests that every storage has to pass."""

from __future__ import annotations

from cliquet.testing.storage.cascades import CascadesContract
from cliquet.testing.storage.cascades_undone import UndoneCascadesContract
from cliquet.testing.storage.chosen import ChosenContract
from cliquet.testing.storage.everywhere import EverywhereContract
from cliquet.testing.storage.filters import FiltersContract
from cliquet.testing.storage.journals import JournalsContract
from cliquet.testing.storage.operating import OperatingContract
from cliquet.testing.storage.pages import PagesContract
from cliquet.testing.storage.records import RecordsContract
from cliquet.testing.storage.scopes import ScopesContract
from cliquet.testing.storage.timestamps import TimestampsContract
from cliquet.testing.storage.tombstones import TombstonesContract
from cliquet.testing.storage.transactions import TransactionsContract
from cliquet.testing.storage.trims import TrimsContract
from cliquet.testing.storage.unicity import UnicityContract

__all__ = ["StorageContract"]


class StorageContract(
    RecordsContract,
    TombstonesContract,
    TimestampsContract,
    ScopesContract,
    UnicityContract,
    PagesContract,
    ChosenContract,
    FiltersContract,
    CascadesContract,
    UndoneCascadesContract,
    EverywhereContract,
    TrimsContract,
    JournalsContract,
    TransactionsContract,
    OperatingContract,
):
    """Inherit from this in a test module, and give the fixture ``storage``: migrated, with the ``clock``.

    The storage may be the same for all tests of the class: each test empties it first, and sets the clock back.

    >>> import pytest
    >>> from cliquet.storage.memory import MemoryStorage
    >>> class TestMemoryStorage(StorageContract):
    ...     @pytest.fixture(scope="class")
    ...     @classmethod
    ...     def storage(cls, clock):
    ...         return MemoryStorage(clock=clock)
    """
