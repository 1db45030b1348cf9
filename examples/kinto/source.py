"""Reads a Kinto server over HTTP: its lists, page by page, and the permissions on what is in them."""

from __future__ import annotations

import base64
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

__all__ = ["Source", "SourceError"]

#: How often a request is sent that the server asks to retry.
ATTEMPTS = 5


class SourceError(Exception):
    """The server did not answer what was expected.

    >>> str(SourceError("GET /buckets: 401"))
    'GET /buckets: 401'
    """


class Source:
    """A Kinto server, read as one of its users.

    :param url: with the version, such as ``https://kinto.example/v1``.
    :param user: ``name:password``.

    >>> Source("https://kinto.example/v1/", "admin:secret").url
    'https://kinto.example/v1'
    """

    def __init__(self, url: str, user: str) -> None:
        self.url = url.rstrip("/")
        self._authorization = "Basic " + base64.b64encode(user.encode()).decode()

    def records(self, path: str) -> Iterator[dict[str, Any]]:
        """What is in a list, tombstones included, oldest first.

        :raises SourceError: when the list cannot be read.
        """
        following: str | None = f"{self.url}{path}?_since=0&_sort=last_modified"
        while following is not None:
            content, headers = self._ask("GET", following)
            yield from content["data"]
            following = self._here(headers["Next-Page"]) if "Next-Page" in headers else None

    def permissions(self, uris: Sequence[str], size: int = 25) -> dict[str, dict[str, list[str]]]:
        """The permissions on some objects, as far as the server shows them to the user.

        :param size: most requests in one batch.
        """
        return self._batch([{"method": "GET", "path": uri} for uri in uris], size)

    def claim(self, uris: Sequence[str], size: int = 25) -> None:
        """Let the user be a writer of objects that it may change: whoever changes one becomes one.

        What is changed is when: the objects get new timestamps.
        """
        body = {"data": {"last_modified": time.time_ns() // 1_000_000}, "permissions": {}}
        self._batch([{"method": "PATCH", "path": uri, "body": body} for uri in uris], size)

    def _batch(self, requests: Sequence[Mapping[str, Any]], size: int) -> dict[str, dict[str, list[str]]]:
        """The permissions in the answers, by path; none for what is refused."""
        found: dict[str, dict[str, list[str]]] = {}
        for start in range(0, len(requests), size):
            part = requests[start : start + size]
            content, _ = self._ask("POST", f"{self.url}/batch", {"requests": part})
            for one, answer in zip(part, content["responses"], strict=True):
                found[one["path"]] = answer["body"].get("permissions", {}) if answer["status"] == 200 else {}
        return found

    def _here(self, url: str) -> str:
        """The URL of a page, at the address by which we know the server."""
        parts, mine = urlsplit(url), urlsplit(self.url)
        return parts._replace(scheme=mine.scheme, netloc=mine.netloc).geturl()

    def _ask(self, method: str, url: str, content: Any = None) -> tuple[Any, Any]:
        body = None if content is None else json.dumps(content).encode()
        headers = {"Authorization": self._authorization, "Content-Type": "application/json"}
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method)) as response:
                    return json.load(response), response.headers
            except urllib.error.HTTPError as error:
                if error.code not in (409, 429, 503) or attempt == ATTEMPTS:
                    raise SourceError(
                        f"{method} {url}: {error.code} {error.read(300).decode(errors='replace')}"
                    ) from None
                time.sleep(min(float(error.headers.get("Retry-After", attempt)), 30))
            except (OSError, ValueError) as error:
                raise SourceError(f"{method} {url}: {error}") from None
        raise AssertionError("unreachable: the last attempt returns or raises")
