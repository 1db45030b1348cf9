"""The services that are measured: an INI file, a database that is ready, and the server of it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.environments import ROOT, Environment
from benchmarks.processes import Server
from benchmarks.servers import Serving
from benchmarks.wire import Place
from cliquet.testing.service import free_port

__all__ = ["SECRET", "Service", "floor", "kinto", "reading_list", "the_peer"]

SECRET = "b4c96a8692291d88fe5a97dd91846eb4"
#: No side writes a line per request.
_QUIET = """
[loggers]
keys = root
[handlers]
keys = console
[formatters]
keys =
[logger_root]
level = ERROR
handlers = console
[handler_console]
class = StreamHandler
args = (sys.stderr,)
"""


@dataclass(frozen=True)
class Service:
    """One service on one backend.

    :param name: what tables call it.
    :param kind: the backend: ``memory``, ``sqlite`` or ``postgresql``.
    :param url: of the database.
    :param settings: of the application.
    :param migrate: the command that makes the schema, without ``--ini``.
    """

    name: str
    environment: Environment
    kind: str
    url: str
    settings: Mapping[str, str]
    migrate: Sequence[str] = ()
    environ: Mapping[str, str] = field(default_factory=dict)

    def prepared(self, folder: Path, serving: Serving) -> tuple[Server, Place]:
        """Write its INI file and make its schema; the server is not started yet."""
        port, ini = free_port(), folder / f"{self.name.replace(' ', '-')}.ini"
        place = Place("127.0.0.1", port, "/v1", records=0)
        ini.write_text(self._ini(port))
        environ = {**self.environ, "BENCH_INI": str(ini)}
        if self.migrate:
            migrate = [*self.migrate, "--ini", str(ini)]
            subprocess.run(migrate, cwd=folder, env={**os.environ, **environ}, check=True, capture_output=True)
        command = serving.command(self.environment, ini, port)
        return Server(ini.stem, command, f"http://127.0.0.1:{port}/v1", folder, environ), place

    def _ini(self, port: int) -> str:
        settings = "".join(f"{name} = {value.replace('%', '%%')}\n" for name, value in self.settings.items() if value)
        return (
            f"[app:main]\n{settings}\n[server:main]\nuse = egg:waitress#main\nhost = 127.0.0.1\nport = {port}\n{_QUIET}"
        )


def kinto(name: str, environment: Environment, kind: str, url: str, **more: str) -> Service:
    """examples/kinto, with basicauth, as the peer has it."""
    settings = {"use": "call:kinto:main", "project_name": "kinto", **_backends(kind, url), **more}
    if kind != "memory":
        settings |= {"permission_backend": f"cliquet.permission.{kind}", "permission_url": url}
    else:
        settings |= {"permission_backend": "cliquet.permission.memory"}
    return _ours(name, environment, kind, url, settings)


def reading_list(name: str, environment: Environment, kind: str, url: str, **more: str) -> Service:
    """examples/readinglist."""
    settings = {"use": "call:readinglist:main", "project_name": "readinglist", **_backends(kind, url), **more}
    return _ours(name, environment, kind, url, settings)


def floor(name: str, environment: Environment, kind: str, url: str) -> Service:
    """Bare views of Pyramid and Cornice."""
    settings = {"use": "call:benchmarks.floor:main", "kind": kind, "url": url}
    return Service(name, environment, kind, url, settings, (), _environ())


def the_peer(name: str, environment: Environment, kind: str, url: str, **more: str) -> Service:
    """The newest released Kinto; it has no SQLite."""
    settings = {"use": "egg:kinto", "multiauth.policies": "basicauth"}
    settings["multiauth.policy.basicauth.use"] = "kinto.core.authentication.BasicAuthAuthenticationPolicy"
    own = {"bucket_create_principals": "system.Authenticated", "userid_hmac_secret": SECRET}
    own["cache_backend"] = "kinto.core.cache.memory"
    for part in ("storage", "permission"):
        own |= {f"{part}_backend": f"kinto.core.{part}.{kind}", f"{part}_url": url}
    settings |= {f"kinto.{setting}": value for setting, value in {**own, **more}.items()}
    migrate = [environment.program("kinto"), "migrate"] if kind != "memory" else ()
    return Service(name, environment, kind, url, settings, migrate)


def _backends(kind: str, url: str) -> dict[str, str]:
    others = {"cache_backend": "cliquet.cache.memory", "multiauth.policies": "basicauth", "userid_hmac_secret": SECRET}
    return {"storage_backend": f"cliquet.storage.{kind}", "storage_url": url if kind != "memory" else "", **others}


def _ours(name: str, environment: Environment, kind: str, url: str, settings: Mapping[str, str]) -> Service:
    migrate = [environment.program("cliquet"), "migrate"] if kind != "memory" else ()
    return Service(name, environment, kind, url, settings, migrate, _environ())


def _environ() -> dict[str, str]:
    return {"PYTHONPATH": f"{ROOT / 'examples'}:{ROOT}"}
