"""The contract of a storage, kept by the one in memory."""

from __future__ import annotations

import pytest

from cliquet.storage.base import Storage
from cliquet.storage.memory import MemoryStorage
from cliquet.testing.storage import StorageContract
from cliquet.testing.storage.base import ManualClock


class TestMemoryStorage(StorageContract):
    @pytest.fixture(scope="class")
    @classmethod
    def storage(cls, clock: ManualClock) -> Storage:
        return MemoryStorage(clock=clock)
