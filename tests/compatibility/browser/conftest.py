"""The browser and Node.js, a site of another origin, and services with small pages."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cliquet.testing.servers.databases import Databases
from tests.compatibility.browser.admin import built
from tests.compatibility.browser.devices import Device, Place, new_device, new_place
from tests.compatibility.browser.installation import Installation, NoRegistry, installed
from tests.compatibility.browser.node import Node, Page, Profile, launched, running
from tests.compatibility.browser.site import serving
from tests.compatibility.server import Kinto, on_postgresql, on_sqlite
from tests.compatibility.server import running as running_service

SETTINGS = {
    "KINTO_INCLUDES": " ".join(
        [
            "cliquet.plugins.accounts",
            "cliquet.plugins.flush",
            "cliquet.plugins.history",
            "cliquet.plugins.json_schema",
            "cliquet.plugins.permissions_endpoint",
            "kinto.admin",
            "kinto.default_bucket",
        ]
    ),
    "KINTO_FLUSH_ENDPOINT_ENABLED": "true",
    "KINTO_FLUSH_PRINCIPALS": "account:alice",
    # Few, so that a test needs few records to get several pages.
    "KINTO_PAGINATE_BY": "20",
}


@pytest.fixture(scope="session")
def installation() -> Installation:
    """The released clients, and the browser."""
    with or_without_us():
        return installed()


@pytest.fixture(scope="session")
def admin_assets() -> Path:
    """A build of kinto-admin."""
    with or_without_us():
        return built()


@contextmanager
def or_without_us() -> Iterator[None]:
    """Without a registry the tests are skipped, and fail where nobody would read that they were."""
    try:
        yield
    except NoRegistry as reason:
        if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
            pytest.fail(f"no packages for the tests: {reason}", pytrace=False)
        pytest.skip(f"no packages for the tests: {reason}")


@pytest.fixture(scope="session")
def node(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A process of Node.js."""
    with running(installation, tmp_path_factory.mktemp("node")) as found:
        yield found


@pytest.fixture(scope="session")
def launch(node: Node, installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Profile]:
    """A function that starts a browser with an empty profile."""
    return lambda: launched(node, installation, tmp_path_factory.mktemp("browser"))


@pytest.fixture(scope="session")
def profiles(launch: Callable[[], Profile]) -> tuple[Profile, Profile]:
    """Two browsers that share nothing."""
    return launch(), launch()


@pytest.fixture(scope="session")
def site(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a page with kinto.js, on another port than the API."""
    with serving(installation, tmp_path_factory.mktemp("site")) as url:
        yield url


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def kinto(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, admin_assets: Path
) -> Iterator[Kinto]:
    """The service with small pages, on each database in turn."""
    folder = tmp_path_factory.mktemp(f"kinto-{request.param}")
    environ = on_sqlite(folder) if request.param == "sqlite" else on_postgresql(request.getfixturevalue("database"))
    yield from running_service(folder, {**environ, **SETTINGS, "KINTO_ADMIN_ASSETS_PATH": str(admin_assets)})


@pytest.fixture(scope="session")
def database(_databases: Databases) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    url = _databases.create()
    yield url
    _databases.drop(url)


@pytest.fixture
def place(kinto: Kinto) -> Place:
    """An empty collection of Alice's."""
    return new_place(kinto)


@pytest.fixture(scope="session")
def two_pages(profiles: tuple[Profile, Profile], site: str) -> tuple[Page, Page]:
    """The site in two browsers."""
    return profiles[0].page(site), profiles[1].page(site)


@pytest.fixture
def browsers(two_pages: tuple[Page, Page], place: Place) -> tuple[Device, Device]:
    """Two devices of one person, each a browser of its own."""
    return new_device(two_pages[0], place), new_device(two_pages[1], place)


@pytest.fixture
def browser(two_pages: tuple[Page, Page], place: Place) -> Device:
    """A device in a browser."""
    return new_device(two_pages[0], place)


@pytest.fixture(params=["node", "chromium"])
def devices(request: pytest.FixtureRequest, node: Node, place: Place) -> tuple[Device, Device]:
    """Two devices of one person: in Node.js, and in two browsers."""
    if request.param == "node":
        return new_device(Page(node), place), new_device(Page(node), place)
    pages = request.getfixturevalue("two_pages")
    return new_device(pages[0], place), new_device(pages[1], place)
