"""The databases of an application: one for each URL, however many backends use it."""

from __future__ import annotations

from collections.abc import Callable

from cliquet.database.driver import Driver
from cliquet.database.engine import Database, Pool
from cliquet.errors import ConfigurationError
from cliquet.settings import Settings

__all__ = ["Databases"]


class Databases:
    """Makes a database when its URL is first asked for; the first one's pool settings count.

    :param observe: called with the text of each statement.
    """

    def __init__(self, observe: Callable[[str], None] = lambda _: None) -> None:
        self._observe = observe
        self._made: dict[str, Database] = {}

    def get(self, backend: str, settings: Settings, driver: Driver) -> Database:
        """The database that the settings of a backend name.

        :param backend: ``storage``, ``cache`` or ``permission``.
        :raises ConfigurationError: when the URL is missing or cannot be used.
        """
        url = getattr(settings, f"{backend}_url")
        if not url:
            raise ConfigurationError(f"Setting '{backend}_url' is missing: where is the database?")
        if url not in self._made:
            driver.url(url)
            pool = Pool(
                getattr(settings, f"{backend}_pool_size"),
                settings.storage_max_overflow,
                settings.storage_pool_timeout,
                settings.storage_pool_recycle,
            )
            self._made[url] = Database(url, driver, pool=pool, observe=self._observe)
        return self._made[url]
