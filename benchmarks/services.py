"""The two services: examples/kinto, and the newest released Kinto, each in an environment of its own."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.database import PostgreSQL
from benchmarks.processes import Server

__all__ = ["ROOT", "ours", "peer"]

ROOT = Path(__file__).parents[1]
#: Where the environment of the peer is kept from run to run.
CACHE = ROOT / ".bench"
_SECRET = "b4c96a8692291d88fe5a97dd91846eb4"

_OURS = """\
[app:main]
use = call:kinto:main
project_name = kinto
includes = {includes}
storage_backend = cliquet.storage.{kind}
storage_url = {url}
permission_backend = cliquet.permission.{kind}
permission_url = {url}
cache_backend = cliquet.cache.memory
multiauth.policies = basicauth
userid_hmac_secret = {secret}
[server:main]
host = 127.0.0.1
port = {port}
"""
_PEER = """\
[app:main]
use = egg:kinto
kinto.includes = {includes}
kinto.storage_backend = kinto.core.storage.{kind}
kinto.storage_url = {url}
kinto.permission_backend = kinto.core.permission.{kind}
kinto.permission_url = {url}
kinto.cache_backend = kinto.core.cache.memory
kinto.bucket_create_principals = system.Authenticated
kinto.userid_hmac_secret = {secret}
multiauth.policies = basicauth
multiauth.policy.basicauth.use = kinto.core.authentication.BasicAuthAuthenticationPolicy
[server:main]
use = egg:waitress#main
host = 127.0.0.1
port = {port}
threads = 8
[loggers]
keys = root
[handlers]
keys =
[formatters]
keys =
[logger_root]
level = ERROR
handlers =
"""


def ours(folder: Path, port: int, kind: str, url: str, *, history: bool = False) -> Server:
    """The example of this repository, as ``cliquet start`` serves it."""
    ini = folder / "ours.ini"
    includes = "cliquet.plugins.history" if history else ""
    ini.write_text(_OURS.format(kind=kind, url=url.replace("%", "%%"), port=port, secret=_SECRET, includes=includes))
    environ = {"PYTHONPATH": f"{ROOT / 'examples'}:{ROOT}", "CLIQUET_LOGGING_RENDERER": "json"}
    if kind != "memory":
        command = [sys.executable, "-m", "cliquet", "migrate", "--ini", str(ini)]
        subprocess.run(command, cwd=folder, env=environ, check=True, capture_output=True)
    start = [sys.executable, "-m", "cliquet", "start", "--ini", str(ini)]
    return Server("ours", start, f"http://127.0.0.1:{port}/v1", folder, environ)


def peer(folder: Path, port: int, database: PostgreSQL, name: str, *, history: bool = False) -> Server:
    """The newest released Kinto."""
    python = _environment()
    ini = folder / "peer.ini"
    includes = "kinto.plugins.history" if history else ""
    url = database.url(name)
    ini.write_text(_PEER.format(kind="postgresql", url=url, port=port, secret=_SECRET, includes=includes))
    command = str(python.with_name("kinto"))
    subprocess.run([command, "migrate", "--ini", str(ini)], cwd=folder, check=True, capture_output=True)
    return Server("peer", [command, "start", "--ini", str(ini), "--port", str(port)], _url(port), folder)


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}/v1"


def _environment() -> Path:
    """The Python of the peer's environment, made when it is not there."""
    folder = CACHE / "peer"
    python = folder / "bin" / "python"
    if not (folder / "installed").exists():
        venv.create(folder, with_pip=True)
        wanted = ["setuptools<82", "kinto[postgresql]", "waitress"]
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--upgrade", *wanted], check=True)
        (folder / "installed").touch()
    return python
