"""kinto-admin in a browser, as its user sees it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from tests.compatibility.browser.node import Exchange, Page, Profile
from tests.compatibility.server import PASSWORD, Kinto

TIMEOUT_SECONDS = 30.0
#: What the page says by itself, while nobody is logged in and when a form is not complete.
HARMLESS = ("Client not configured", "Form validation failed")


@dataclass(frozen=True)
class Console:
    """A page of kinto-admin.

    :param seen: what went over the network so far.
    """

    page: Page
    kinto: Kinto
    seen: list[Exchange]

    def begin(self) -> None:
        """Load the page."""
        self.page.act("goto", f"{self.kinto.url}/admin/")

    def show(self, place: str) -> None:
        """Load the page, wait until it knows who one is and what one may do, and go to a place inside.

        Who begins at a place inside may see nothing of it: the page mounts it twice, and forgets what it asked for.
        """
        self.begin()
        self.answered("GET", "/permissions?")
        self.page.act("goto", f"{self.kinto.url}/admin/#{place}")

    def fill(self, **fields: str) -> None:
        """Write into fields of a form, which have the names of the schema."""
        for name, text in fields.items():
            self.page.act("fill", f"#root_{name}", text)

    def check(self, field: str) -> None:
        """Tick a box."""
        self.page.act("check", f"#root_{field}")

    def press(self, words: str) -> None:
        """Press the first button with these words, or with this title."""
        self.page.act("click", f':is(button:has-text("{words}"), button[title="{words}"], input[value="{words}"])')

    def follow(self, words: str) -> None:
        """Follow the first link with these words."""
        self.page.act("click", f'a:has-text("{words}")')

    def sees(self, words: str) -> None:
        """Wait until these words are on the page."""
        self.page.act("waitForSelector", f":text({json.dumps(words)})")

    def reads(self) -> str:
        """The text of the page."""
        return str(self.page.evaluate("(() => document.body.innerText)"))

    def waits(self, expression: str) -> None:
        """Wait until an expression of JavaScript is true."""
        self.page.act("waitForFunction", expression)

    def answered(self, method: str, part: str) -> Exchange:
        """The request of a method whose URL has a part, once there is an answer.

        :raises AssertionError: when there is none in time.
        """
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            self.seen.extend(self.page.exchanges())
            for one in self.seen:
                if one.method == method and part in one.url and one.status:
                    return one
            time.sleep(0.05)
        raise AssertionError(f"no answer to {method} {part}")

    def refusals(self) -> list[tuple[str, str, int]]:
        """The requests so far that were not answered as the page wanted."""
        self.seen.extend(self.page.exchanges())
        return [(one.method, one.url, one.status) for one in self.seen if one.status >= 400 or one.failure]

    def complaints(self) -> list[str]:
        """What the browser wrote into its console since the last call: mistakes of a script, and refusals by policy."""
        return [text for text in self.page.complaints() if not any(known in text for known in HARMLESS)]

    def log_in(self, name: str, password: str = PASSWORD) -> None:
        """Use the form of the page that is there before one is logged in."""
        self.page.act("click", 'label:has-text("Kinto Account Auth")')
        self.fill(credentials_username=name, credentials_password=password)
        self.press("Sign in using Kinto Account Auth")


def opened(profile: Profile, kinto: Kinto) -> Console:
    """A new page, which shows nothing yet; whoever has logged in with that profile still is."""
    return Console(profile.page("about:blank"), kinto, [])
