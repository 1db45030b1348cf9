"""``/__heartbeat__`` and ``/__lbheartbeat__``: whether the service, or only the process, is well."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

import structlog
from pyramid.config import Configurator
from pyramid.request import Request

from cliquet.web.components import Check, components
from cliquet.web.service import declare

__all__ = ["Probes", "Round", "heartbeat", "includeme", "lbheartbeat"]

_log = structlog.get_logger("cliquet")
_PROBES = "cliquet.probes"


class Round:
    """One run of one check.

    :param began: when, on the monotonic clock.
    """

    def __init__(self, began: float) -> None:
        self.began = began
        self.ended = threading.Event()
        self.result: bool | None = False

    def wait(self, timeout: float) -> bool | None:
        """What it says, or false when it takes longer than ``timeout`` seconds from its beginning."""
        self.ended.wait(max(0, self.began + timeout - time.monotonic()))
        return self.result


class Probes:
    """Runs checks side by side, each in a thread, each with the same time limit.

    Requests that come in meanwhile wait for the same run. A check that did not end in time counts as failed until it
    ends, and is not begun a second time.

    >>> Probes().run({"storage": lambda registry: True, "cache": lambda registry: None}, None, timeout=5)
    {'storage': True, 'cache': None}
    """

    def __init__(self) -> None:
        self._rounds: dict[str, Round] = {}
        self._lock = threading.Lock()

    def run(self, checks: Mapping[str, Check], registry: Any, timeout: float) -> dict[str, bool | None]:
        """What each check says.

        :param timeout: in seconds, for all of them together.
        """
        rounds = {name: self._join(name, check, registry) for name, check in checks.items()}
        return {name: one.wait(timeout) for name, one in rounds.items()}

    def _join(self, name: str, check: Check, registry: Any) -> Round:
        with self._lock:
            running = self._rounds.get(name)
            if running is None or running.ended.is_set():
                running = self._rounds[name] = Round(time.monotonic())
                arguments = (running, name, check, registry)
                threading.Thread(target=_work, args=arguments, name=f"heartbeat-{name}", daemon=True).start()
            return running


def _work(running: Round, name: str, check: Check, registry: Any) -> None:
    running.result = _result(name, check, registry)
    running.ended.set()


def _result(name: str, check: Check, registry: Any) -> bool | None:
    try:
        found = check(registry)
    except Exception as error:
        _log.error("Heartbeat Failure", backend=name, exc_info=error)
        return False
    return None if found is None else bool(found)


def heartbeat(request: Request) -> dict[str, bool | None]:
    """One boolean per check, or null where it does not apply; 503 when one is false."""
    parts = components(request.registry)
    timeout = parts.settings.heartbeat_timeout_seconds
    found: dict[str, bool | None] = request.registry[_PROBES].run(parts.heartbeats, request.registry, timeout)
    request.response.status = 503 if False in found.values() else 200
    return found


def lbheartbeat(request: Request) -> dict[str, Any]:
    """Always fine, as long as the process answers."""
    return {}


def includeme(config: Configurator) -> None:
    """Declares the endpoints."""
    config.registry[_PROBES] = Probes()
    declare(config, "heartbeat", "/__heartbeat__", {"GET": heartbeat}, renderer="json")
    declare(config, "lbheartbeat", "/__lbheartbeat__", {"GET": lbheartbeat}, renderer="json")
