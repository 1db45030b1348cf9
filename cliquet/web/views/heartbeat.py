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

__all__ = ["Probes", "heartbeat", "includeme", "lbheartbeat"]

_log = structlog.get_logger("cliquet")
_PROBES = "cliquet.probes"


class Probes:
    """Runs checks side by side, each in a thread, each with the same time limit.

    A check that did not end in time counts as failed until it ends, and is not begun a second time meanwhile.
    """

    def __init__(self) -> None:
        self._running: dict[str, threading.Thread] = {}
        self._lock = threading.Lock()

    def run(self, checks: Mapping[str, Check], registry: Any, timeout: float) -> dict[str, bool | None]:
        """What each check says.

        :param timeout: in seconds, for all of them together.
        """
        results: dict[str, bool | None] = dict.fromkeys(checks, False)
        finished = threading.Semaphore(0)
        begun = sum(self._begin(name, check, registry, results, finished) for name, check in checks.items())
        deadline = time.monotonic() + timeout
        for _ in range(begun):
            if not finished.acquire(timeout=max(0, deadline - time.monotonic())):
                break
        return dict(results)

    def _begin(self, name: str, check: Check, registry: Any, results: dict[str, Any], finished: Any) -> bool:
        def work() -> None:
            results[name] = _result(name, check, registry)
            finished.release()

        with self._lock:
            if name in self._running and self._running[name].is_alive():
                return False
            self._running[name] = threading.Thread(target=work, name=f"heartbeat-{name}", daemon=True)
            self._running[name].start()
        return True


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
