"""The admin console is served where a build of it is."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import kinto
from cliquet.testing.app import SETTINGS, Client
from kinto import fetch_admin
from kinto.admin import load

CONSOLE = {
    "index.html": b"<!DOCTYPE html><script src=/v1/admin/assets/index-1a2b.js></script>",
    "VERSION": b"6.2.0\n",
    "assets/index-1a2b.js": "alert('é')".encode(),
    "assets/style.css": b"a{}",
    "assets/logo.PNG": b"png",
    "assets/data.bin": b"bin",
}
BUILD = "kinto/plugins/admin/build"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A build of the console."""
    for name, content in CONSOLE.items():
        path = tmp_path / "console" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "console"


def served(**settings: Any) -> Client:
    memory = {**SETTINGS, "permission_backend": "cliquet.permission.memory", "includes": "kinto.admin"}
    return Client(kinto.main(None, **{**memory, **settings}), None)


@pytest.fixture
def anybody(folder: Path) -> Client:
    return served(admin_assets_path=str(folder))


def test_the_capability_says_which_version_it_is(anybody: Client) -> None:
    found = anybody.get("/v1/").json["capabilities"]["admin"]
    assert found["version"] == "6.2.0"
    assert found.keys() == {"version", "description", "url"}


def test_a_console_that_is_served_elsewhere_finds_what_it_needs() -> None:
    assert set(served().get("/v1/").json["capabilities"]) >= {"permissions_endpoint"}
    assert "admin" not in served().get("/v1/").json["capabilities"]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"experimental_permissions_endpoint": "true"},
        {"includes": "cliquet.plugins.permissions_endpoint kinto.admin"},
        {"includes": "kinto.admin cliquet.plugins.permissions_endpoint"},
    ],
)
def test_the_console_has_the_list_of_permissions_it_needs(folder: Path, more: dict[str, str]) -> None:
    client = served(admin_assets_path=str(folder), **more)
    assert "permissions_endpoint" in client.get("/v1/").json["capabilities"]


@pytest.mark.parametrize("content", [None, {"other.html": b""}, {}])
def test_without_a_first_page_there_is_no_console(tmp_path: Path, content: dict[str, bytes] | None) -> None:
    for name, text in (content or {}).items():
        (tmp_path / name).write_bytes(text)
    client = served(admin_assets_path="" if content is None else str(tmp_path))
    assert "admin" not in client.get("/v1/").json["capabilities"]
    client.get("/v1/admin", status=404)


def test_the_address_without_a_slash_redirects(anybody: Client) -> None:
    answer = anybody.get("/v1/admin?a=1", status=307)
    assert answer.headers["Location"] == "http://localhost/v1/admin/?a=1"
    assert anybody.get("/admin/", status=307).headers["Location"] == "http://localhost/v1/admin/"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("", "text/html; charset=utf-8"),
        ("index.html", "text/html; charset=utf-8"),
        ("assets/index-1a2b.js", "text/javascript; charset=utf-8"),
        ("assets/style.css", "text/css; charset=utf-8"),
        ("assets/logo.PNG", "image/png"),
        ("assets/data.bin", "application/octet-stream"),
        ("VERSION", "application/octet-stream"),
    ],
)
def test_files_are_what_they_are(anybody: Client, path: str, kind: str) -> None:
    answer = anybody.get(f"/v1/admin/{path}")
    assert answer.body == CONSOLE[path or "index.html"]
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert anybody.head(f"/v1/admin/{path}").headers["Content-Length"] == str(len(answer.body))


def test_only_the_console_may_compile_schemas(anybody: Client) -> None:
    policy = anybody.get("/v1/admin/").headers["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in anybody.get("/v1/").headers["Content-Security-Policy"]
    assert "unsafe" not in anybody.get("/v1/admin/missing.js", status=404).headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["buckets", "buckets/b/collections/c", "auth/", "buckets/a%20b"])
def test_the_routes_of_the_console_are_its_first_page(anybody: Client, path: str) -> None:
    assert anybody.get(f"/v1/admin/{path}").body == CONSOLE["index.html"]


@pytest.mark.parametrize(
    "path",
    [
        "assets/missing.js",
        "../secret.txt",
        "../secret",
        "assets/../../secret",
        "%2e%2e/secret",
        "..%2fsecret",
        "assets/link.txt",
    ],
)
def test_nothing_else_can_be_read(folder: Path, path: str) -> None:
    for name in ("secret", "secret.txt"):
        (folder.parent / name).write_text("secret")
    (folder / "assets" / "link.txt").symlink_to(folder.parent / "secret")
    answer = served(admin_assets_path=str(folder)).get(f"/v1/admin/{path}", status=404)
    assert answer.json["errno"] == 111


def test_absolute_paths_lead_nowhere(anybody: Client) -> None:
    assert b"root:" not in anybody.get("/v1/admin//etc/passwd", expect_errors=True).body


def test_browsers_keep_what_never_changes_and_ask_for_the_rest(anybody: Client) -> None:
    first = anybody.get("/v1/admin/")
    assert first.headers["Cache-Control"] == "no-cache"
    unchanged = anybody.get("/v1/admin/", headers={"If-None-Match": first.headers["ETag"]}, status=304)
    assert unchanged.body == b""
    assert "immutable" in anybody.get("/v1/admin/assets/style.css").headers["Cache-Control"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_can_only_be_read(anybody: Client, method: str) -> None:
    for path in ("/v1/admin/", "/v1/admin/index.html"):
        assert getattr(anybody, method)(path, status=405).json["errno"] == 115


def wheel(names: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_only_the_console_is_taken_from_a_wheel(tmp_path: Path) -> None:
    content = wheel(
        {
            **{f"{BUILD}/{name}": content for name, content in CONSOLE.items()},
            f"{BUILD}/": b"",
            f"{BUILD}/../../../../escaped.txt": b"x",
            "kinto/__init__.py": b"raise SystemExit",
            "escaped.txt": b"x",
        }
    )
    assert fetch_admin.extract(content, tmp_path / "a" / "console") == len(CONSOLE)
    assert {name: asset.content for name, asset in load(tmp_path / "a" / "console").items()} == CONSOLE
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {Path(name).name for name in CONSOLE}


def test_a_wheel_that_is_not_the_expected_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.whl").write_bytes(wheel({f"{BUILD}/index.html": b"x"}))
    done = CliRunner().invoke(fetch_admin.main, [str(tmp_path / "console"), "--wheel", str(tmp_path / "x.whl")])
    assert done.exit_code == 1
    assert "SHA-256" in done.output
    assert not (tmp_path / "console").exists()


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear")
    done = CliRunner().invoke(fetch_admin.main, [str(tmp_path)])
    assert done.exit_code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_the_released_console_is_fetched_and_served(tmp_path: Path) -> None:
    folder = tmp_path / "console"
    for _ in range(2):
        done = CliRunner().invoke(fetch_admin.main, [str(folder)])
        assert done.exit_code == 0, done.output
    assert f"admin_assets_path = {folder}" in done.output
    client = served(admin_assets_path=str(folder))
    assert client.get("/v1/").json["capabilities"]["admin"]["version"] == "6.2.0"
    page = client.get("/v1/admin/").text
    script = next(part for part in page.split('"') if part.endswith(".js"))
    assert len(client.get(script).body) > 1_000_000
