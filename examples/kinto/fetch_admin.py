"""Fetches the admin console, which is not part of this repository: ``python -m kinto.fetch_admin FOLDER``."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

import click

__all__ = ["extract", "main"]

#: The release that carries the console, version 6.2.0, and the digest of its wheel.
RELEASE = "kinto==25.0.0"
DIGEST = "2b046f8505595926d905da50ac742704df09fbe041ae2fab68de256cf0d3ee45"
#: Where in the wheel the console is; nothing else of it is used.
_BUILD = PurePosixPath("kinto/plugins/admin/build")


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--wheel",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The wheel, when it is here already; by default pip downloads it from where it is set up to look.",
)
def main(folder: Path, wheel: Path | None) -> None:
    """Put the admin console into FOLDER."""
    if folder.exists() and any(folder.iterdir()) and not (folder / "index.html").exists():
        raise click.ClickException(f"{folder} holds something else: name an empty folder, or a new one.")
    content = wheel.read_bytes() if wheel else _download()
    found = hashlib.sha256(content).hexdigest()
    if found != DIGEST:
        raise click.ClickException(f"The wheel is not the one that is expected: its SHA-256 is {found}.")
    count = extract(content, folder)
    click.echo(f"{count} files of the admin console are in {folder}. Say so in the settings:")
    click.echo(f"admin_assets_path = {folder.resolve()}")


def extract(wheel: bytes, folder: Path) -> int:
    """Write the console in a wheel to a folder; answers how many files it has.

    :raises click.ClickException: when there is none.
    """
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        names = [name for name in archive.namelist() if _is_asset(PurePosixPath(name))]
        if not names:
            raise click.ClickException("There is no admin console in the wheel.")
        for name in names:
            path = folder / PurePosixPath(name).relative_to(_BUILD)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.read(name))
    return len(names)


def _is_asset(name: PurePosixPath) -> bool:
    return (
        name.is_relative_to(_BUILD)
        and name != _BUILD
        and bool(name.suffix or name.name == "VERSION")
        and ".." not in name.parts
    )


def _download() -> bytes:
    """The wheel, from the registry that pip uses; nothing of it is run.

    :raises click.ClickException: when pip cannot.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        done = subprocess.run([*command, "--dest", folder, RELEASE], capture_output=True, text=True)
        found = list(Path(folder).glob("*.whl"))
        if done.returncode or len(found) != 1:
            raise click.ClickException(f"pip could not download {RELEASE}:\n{done.stderr.strip()}")
        return found[0].read_bytes()


if __name__ == "__main__":
    main()
