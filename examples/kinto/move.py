"""Takes the data of a Kinto server over: ``python -m kinto.move``; timestamps, tombstones and permissions are kept."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from cliquet.cli.ini import load, option
from cliquet.database.transaction import Transaction
from cliquet.errors import RecordNotFound
from cliquet.protocol import body
from cliquet.web.components import Components
from kinto.source import Source, SourceError

__all__ = ["Mover", "move"]

#: Records that are written in one transaction.
CHUNK = 500
#: What is below each resource, and the last part of the path of its list.
BELOW = {"bucket": ("group", "collection"), "collection": ("record",)}
LISTS = {"bucket": "buckets", "group": "groups", "collection": "collections", "record": "records"}


class Mover:
    """Copies what a user of another server may read into the backends of this one.

    :param source: the other server.
    :param parts: this application.
    """

    def __init__(self, source: Source, parts: Components) -> None:
        self.source = source
        self.counts: Counter[str] = Counter()
        self._contexts = {context.name: context for context in parts.resources.values()}
        self._permission = parts.judge.permission

    def move(self) -> None:
        """Copy everything; what is here already stays as it is, so that it can be run again.

        :raises SourceError: when the other server does not answer.
        """
        for resource, parent, chunk in self._walk("bucket", ""):
            path = f"{parent}/{LISTS[resource]}"
            self._store(resource, parent, path, chunk, self.source.permissions(_live(path, chunk)))

    def claim(self) -> None:
        """Let the user be a writer, on the other server, of each object whose permissions it is not shown.

        :raises SourceError: when the other server does not answer.
        """
        for resource, parent, chunk in self._walk("bucket", ""):
            shown = self.source.permissions(_live(f"{parent}/{LISTS[resource]}", chunk))
            hidden = [uri for uri, permissions in shown.items() if not permissions]
            self.source.claim(hidden)
            self.counts["claimed"] += len(hidden)

    def _walk(self, resource: str, parent: str) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
        """The records of a list, and then of all lists below them; some at a time, with the path of their parent."""
        path = f"{parent}/{LISTS[resource]}"
        for chunk in _chunks(self.source.records(path), CHUNK):
            yield resource, parent, chunk
            for uri in _live(path, chunk):
                for below in BELOW.get(resource, ()):
                    yield from self._walk(below, uri)

    def _store(
        self,
        resource: str,
        parent: str,
        path: str,
        records: Sequence[dict[str, Any]],
        permissions: Mapping[str, Mapping[str, Sequence[str]]],
    ) -> None:
        context = self._contexts[resource]
        with Transaction() as transaction:
            model = context.model(parent, transaction=transaction)
            model.lock()
            for record in records:
                uri = f"{path}/{record['id']}"
                if not context.id_generator.match(record["id"]) or body.fault(record):
                    self.counts["refused"] += 1
                elif self._is_here(model, record):
                    self.counts["here already"] += 1
                    self._share_late(uri, record, permissions.get(uri, {}), transaction)
                elif record.get("deleted"):
                    _bury(model, record)
                    self.counts["tombstones"] += 1
                else:
                    model.replace(record["id"], record)
                    self._share(uri, record, permissions[uri], transaction)
                    self.counts[LISTS[resource]] += 1

    def _share(
        self, uri: str, record: dict[str, Any], given: Mapping[str, Sequence[str]], transaction: Transaction
    ) -> None:
        if not given:
            self.counts["objects without visible permissions"] += 1
        self._permission.delete(uri, transaction=transaction)
        self._permission.replace(uri, given, transaction=transaction)
        if "/groups/" in uri:
            self._permission.set_members(uri, record.get("members", ()), transaction=transaction)

    def _share_late(
        self, uri: str, record: dict[str, Any], given: Mapping[str, Sequence[str]], transaction: Transaction
    ) -> None:
        """What an earlier copy was not shown."""
        if given and not self._permission.permissions_of(uri, transaction=transaction)[uri]:
            self._share(uri, record, given, transaction)
            self.counts["permissions of what was here"] += 1

    def _is_here(self, model: Any, record: Mapping[str, Any]) -> bool:
        try:
            found = model.storage.get(model.scope, record["id"], tombstone=True, transaction=model.transaction)
        except RecordNotFound:
            return False
        return bool(found.last_modified >= record["last_modified"])


def _live(path: str, chunk: Sequence[Mapping[str, Any]]) -> list[str]:
    """The URIs of what is not deleted."""
    return [f"{path}/{one['id']}" for one in chunk if not one.get("deleted")]


def _bury(model: Any, tombstone: Mapping[str, Any]) -> None:
    """A tombstone with its time: what is deleted has to have been there."""
    if model.find(tombstone["id"]) is None:
        model.replace(tombstone["id"], {"last_modified": 1})
    model.delete(tombstone["id"], last_modified=tombstone["last_modified"])


def _chunks(records: Iterator[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    while chunk := list(itertools.islice(records, size)):
        yield chunk


@click.command()
@option
@click.option("--from", "url", required=True, help="The other server, such as https://kinto.example/v1.")
@click.option("--user", required=True, envvar="KINTO_MOVE_USER", help="name:password there; also KINTO_MOVE_USER.")
@click.option("--claim", is_flag=True, help="CHANGES the other server: the user becomes a writer where it is none.")
def move(ini: Path, url: str, user: str, *, claim: bool) -> None:
    """Take the buckets of a Kinto server over, with all that is in them.

    What the user may not read there is not moved, nor are permissions that it is not shown; it is shown those of the
    objects that name it as a writer. Run it again after an interruption, or to catch up.
    """
    mover = Mover(Source(url, user), load(ini).parts)
    try:
        if claim:
            mover.claim()
        mover.move()
    except SourceError as error:
        raise click.ClickException(str(error)) from error
    finally:
        for what, count in sorted(mover.counts.items()):
            click.echo(f"{count:10} {what}")


if __name__ == "__main__":
    move()
