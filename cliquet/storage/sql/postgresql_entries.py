"""The tables of entries in PostgreSQL: how they are made, filled and kept, while others write."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy.exc import OperationalError

from cliquet.database.engine import Database
from cliquet.storage.sql.declared import DeclaredField, quoted

__all__ = ["COMPLETE", "SUFFIX", "drop", "make"]


#: What the names of the tables end with.
SUFFIX = "_entries"
#: The comment on a table that has all entries.
COMPLETE = "complete"
#: How long everybody may have to wait for a trigger, and the seconds until it is tried again.
_PATIENCE, _PAUSE = "100ms", 0.2
_NOT_AVAILABLE = "55P03"
#: :func:`cliquet.protocol.sortable.entries`, as the database has to say it.
_FUNCTION = """
CREATE OR REPLACE FUNCTION cliquet_entries(value jsonb) RETURNS SETOF text LANGUAGE plpgsql IMMUTABLE ROWS 4 AS $$
BEGIN
    RETURN NEXT cliquet_key(value);
    IF jsonb_typeof(value) = 'array' THEN
        RETURN QUERY SELECT DISTINCT '7' || cliquet_key(item) FROM jsonb_array_elements(value) AS item;
    END IF;
END $$
"""
_TABLE = """
CREATE TABLE {name} (
    parent text COLLATE "C" NOT NULL,
    entry text COLLATE "C" NOT NULL,
    last_modified bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    PRIMARY KEY (parent, entry, last_modified, id)
)
"""
_ADD = """
INSERT INTO {name} SELECT {row}.parent, entry, {row}.last_modified, {row}.id
FROM {source} cliquet_entries({row}.data {path}) AS entry WHERE {row}.resource = {resource} AND NOT {row}.deleted
"""
_KEEP = """
CREATE OR REPLACE FUNCTION {name}_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND NOT OLD.deleted THEN
        DELETE FROM {name} WHERE parent = OLD.parent AND entry = ANY(ARRAY(SELECT cliquet_entries(OLD.data {path})))
        AND last_modified = OLD.last_modified AND id = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' AND NOT NEW.deleted THEN
        {add} ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$
"""
_TRIGGER = """
CREATE TRIGGER {name}_{event} AFTER {event} ON record FOR EACH ROW WHEN ({row}.resource = {resource})
EXECUTE FUNCTION {name}_keep()
"""
_EVENTS: Mapping[str, str] = MappingProxyType({"insert": "NEW", "update": "NEW", "delete": "OLD"})
#: What was filled in, though somebody changed the record meanwhile: to another time, or at the same time.
_CLEAN = (
    """
DELETE FROM {name} AS held WHERE NOT EXISTS (
    SELECT 1 FROM record WHERE record.parent = held.parent AND record.resource = {resource} AND record.id = held.id
    AND record.last_modified = held.last_modified AND NOT record.deleted
)
""",
    """
DELETE FROM {name} AS held USING record WHERE age(record.xmin) <= age(CAST('{since}' AS xid))
AND record.parent = held.parent AND record.resource = {resource} AND record.id = held.id
AND held.entry <> ALL (ARRAY(SELECT cliquet_entries(record.data {path})))
""",
)
#: Transactions from here on may be in progress.
_NOW = "SELECT CAST(txid_snapshot_xmin(txid_current_snapshot()) & 4294967295 AS text)"


def make(database: Database, field: DeclaredField) -> None:
    """Make the table of a field; the database keeps it from then on."""
    said = _said(field)
    keep = _KEEP.format(add=_ADD.format(row="NEW", source="", **said).strip(), **said)
    triggers = [_TRIGGER.format(event=event, row=row, **said) for event, row in _EVENTS.items()]
    _run(database, _FUNCTION)
    _patiently(database, _TABLE.format(**said), keep, *triggers)
    _fill(database, said)


def _fill(database: Database, said: Mapping[str, str]) -> None:
    """Put in what is there already."""
    with database.connect() as connection:
        since = connection.exec_driver_sql(_NOW).scalar_one()
    _run(database, _ADD.format(row="record", source="record,", **said) + "ORDER BY 1, 2, 3, 4 ON CONFLICT DO NOTHING")
    # Until nobody is left who began to write when there was nothing to be removed.
    _patiently(database, "LOCK TABLE record IN SHARE MODE")
    name = said["name"]
    _run(database, "ANALYZE record", f"ANALYZE {name}", *(one.format(since=since, **said) for one in _CLEAN))
    _run(database, f"VACUUM {name}", f"COMMENT ON TABLE {name} IS '{COMPLETE}'")


def drop(database: Database, name: str) -> None:
    """Drop a table, and what keeps it."""
    _patiently(database, f"DROP FUNCTION IF EXISTS {name}_keep() CASCADE", f"DROP TABLE IF EXISTS {name}")


def _said(field: DeclaredField) -> Mapping[str, str]:
    path = " -> ".join(str(quoted(name)) for name in field.path)
    return {"name": field.name("entries"), "resource": str(quoted(field.resource)), "path": f"-> {path}"}


def _run(database: Database, *statements: str) -> None:
    with database.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def _patiently(database: Database, *statements: str) -> None:
    """Run statements in a transaction that waits for nobody for long, as all who write would wait behind it."""
    while True:
        try:
            _run(database, "BEGIN", f"SET LOCAL lock_timeout = '{_PATIENCE}'", *statements, "COMMIT")
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _NOT_AVAILABLE:
                raise
            time.sleep(_PAUSE)
        else:
            return
