"""Whether what a command answers is like what a page shows: names, statuses and kinds, not every byte."""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["Likeness"]

#: What no two runs have in common: timestamps in ms, and the ids that servers make.
_PARTICULAR = re.compile(
    r"\b1\d{12}\b|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{64}\b"
)
_ELLIPSIS = "…"


class Likeness:
    """Compares, and remembers which timestamp or id of a run stands for which one of the page.

    Every timestamp of a page has to mean the same all over the page. A text with ``…`` stands for any text, a member
    ``…`` for any more members.
    """

    def __init__(self) -> None:
        self._actual: dict[str, str] = {}

    def spelled(self, text: str) -> str:
        """A text of the page in the words of this run."""
        return _PARTICULAR.sub(lambda found: self._actual.get(found[0], found[0]), text)

    def check(self, shown: str, found: str) -> None:
        """Fail unless what was found is like what is shown."""
        if not shown.strip():
            return
        if shown.startswith("HTTP/"):
            head, _, body = shown.partition("\n\n")
            found_head, _, found_body = found.replace("\r\n", "\n").partition("\n\n")
            self._check_head(head, found_head)
            shown, found = body, found_body
        if shown.strip().startswith(("{", "[")):
            self._check_value(json.loads(shown), json.loads(found))
        else:
            self._check_lines(shown, found)

    def _check_head(self, shown: str, found: str) -> None:
        status, *lines = shown.splitlines()
        found_status, *found_lines = found.splitlines()
        assert status.split()[1] == found_status.split()[1], f"{status} is shown, {found_status} was found"
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in found_lines)}
        for name, _, value in (line.partition(":") for line in lines):
            assert name.lower() in headers, f"no header {name} in\n{found}"
            self._check_text(value.strip(), headers[name.lower()])

    def _check_lines(self, shown: str, found: str) -> None:
        """Each line that is shown has to begin a line that was found, in the same order."""
        rest = iter(found.splitlines())
        for line in filter(None, map(str.strip, shown.splitlines())):
            wanted = self.spelled(line)
            assert any(_begins(wanted, other.strip()) for other in rest), f"no line {wanted!r} in\n{found}"

    def _check_value(self, shown: Any, found: Any) -> None:
        if isinstance(shown, dict):
            assert isinstance(found, dict), f"{found!r} is no object"
            for name, value in shown.items():
                if name != _ELLIPSIS:
                    assert name in found, f"no member {name!r} in {found!r}"
                    self._check_value(value, found[name])
        elif isinstance(shown, list):
            assert len(shown) == len(found), f"{len(shown)} items are shown, found were {found!r}"
            for one, other in zip(shown, found, strict=True):
                self._check_value(one, other)
        elif isinstance(shown, str) or (isinstance(shown, int) and _PARTICULAR.fullmatch(str(shown))):
            assert isinstance(found, type(shown)), f"{shown!r} is shown, {found!r} was found"
            self._check_text(str(shown), str(found))
        else:
            assert shown == found, f"{shown!r} is shown, {found!r} was found"

    def _check_text(self, shown: str, found: str) -> None:
        if _ELLIPSIS in shown:
            return
        names, values = _PARTICULAR.findall(shown), _PARTICULAR.findall(found)
        assert len(names) == len(values), f"{shown!r} is shown, {found!r} was found"
        for name, value in zip(names, values, strict=True):
            assert self._actual.setdefault(name, value) == value, f"{name} is now {value}, was {self._actual[name]}"
        assert self.spelled(shown) == found, f"{shown!r} is shown, {found!r} was found"


def _begins(shown: str, found: str) -> bool:
    """Whether a line that is shown, up to its ``…``, begins the one that was found."""
    return found.startswith(shown.partition(_ELLIPSIS)[0].rstrip())
