"""The generic store of the examples, with faults to switch on, for tests of the conformance kit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from pyramid.config import Configurator

import cliquet
from cliquet.web.components import Components, components
from kinto.settings import DEFAULTS

__all__ = ["FAULTS", "store"]

#: What may be wrong, and the sections that say how it should be.
FAULTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "groups outlive their records": frozenset({"sharing#groups"}),
        "groups outlive their parents": frozenset({"sharing#groups"}),
        "access lists outlive their records": frozenset({"sharing#access-lists", "buckets#deletion"}),
        "patterns": frozenset({"buckets#identifiers"}),
        "hidden groups": frozenset({"sharing#answers"}),
        "records outlive their collection": frozenset({"buckets#deletion"}),
        "timelines begin again": frozenset({"buckets#deletion"}),
        "lists show everything": frozenset({"sharing#lists", "buckets#permission-tree"}),
        "readers may write": frozenset({"buckets#permission-tree", "sharing#principals"}),
        "nothing is inherited": frozenset({"buckets#permission-tree", "sharing#inheritance"}),
        "404 for 403": frozenset({"sharing#refusals", "buckets#permission-tree"}),
        "permissions in lists": frozenset({"sharing#answers"}),
        "permissions for readers": frozenset({"sharing#answers", "sharing#requests"}),
        "hello is wrong about editors": frozenset({"sharing#creators-and-editors"}),
        "hello hides principals": frozenset({"sharing#principals"}),
    }
)
SETTINGS = {
    "storage_backend": "tests.functional.broken_storage",
    "permission_backend": "tests.functional.broken_permission",
    "cache_backend": "cliquet.cache.memory",
    "multiauth.policies": "basicauth",
    "userid_hmac_secret": "not so secret",
}
Start = Callable[..., Any]


def store(*faults: str) -> Any:
    """The application; ``faults`` are names of :data:`FAULTS`."""
    assert set(faults) <= set(FAULTS), faults
    config = Configurator(settings={**SETTINGS, "faults": ",".join(faults)})
    cliquet.initialize(config, version="1.0", project_name="kinto", default_settings={**DEFAULTS, "faults": ""})
    config.scan("kinto.views")
    config.commit()
    damage(components(config.registry), faults)
    return Damaged(config.make_wsgi_app(), faults)


def damage(parts: Components, faults: Iterable[str]) -> None:
    """Make the rules of permissions wrong."""
    rules = parts.tree.rules
    if "readers may write" in faults:
        parts.tree.extend("record", "write", [("record", "read")])
    if "nothing is inherited" in faults:
        for wanted in rules:
            rules[wanted] = tuple(one for one in rules[wanted] if one.resource == wanted.resource)


class Damaged:
    """Makes the answers of an application wrong."""

    def __init__(self, app: Any, faults: Iterable[str]) -> None:
        self._app = app
        self._faults = frozenset(faults)

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        kept: list[Any] = []
        raw = b"".join(self._app(environ, lambda status, headers, exc_info=None: kept.extend((status, headers))))
        status, headers = kept[0], [pair for pair in kept[1] if pair[0].lower() != "content-length"]
        if raw.startswith(b"{"):
            status, raw = self._changed(status, json.loads(raw))
        start(status, [*headers, ("Content-Length", str(len(raw)))])
        return [raw]

    def _changed(self, status: str, body: dict[str, Any]) -> tuple[str, bytes]:
        if "404 for 403" in self._faults and status.startswith("403"):
            status, body = "404 Not Found", {"code": 404, "errno": 110, "error": "Not Found"}
        if "permissions in lists" in self._faults and isinstance(body.get("data"), list):
            body["permissions"] = {}
        if "permissions for readers" in self._faults and body.get("permissions") == {}:
            body["permissions"] = {"write": ["somebody"]}
        if "settings" in body:
            self._lie(body)
        return status, json.dumps(body).encode()

    def _lie(self, hello: dict[str, Any]) -> None:
        if "hello is wrong about editors" in self._faults:
            hello["settings"]["explicit_permissions"] ^= True
        if "hello hides principals" in self._faults:
            hello.get("user", {}).pop("principals", None)
