"""The cursor of prepared statements does what psycopg's does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal
from threading import Thread
from typing import Any

import psycopg
import pytest

from cliquet.database import prepared_cursor
from cliquet.database.prepared_cursor import PreparedCursor
from cliquet.database.statement import Step

EVERY_KIND = (
    "SELECT $1::text, $2::bigint, $3::boolean, $4::numeric, $5::double precision, $6::text[], $7::numeric[], $8::text, "
    "NULL::int, '{\"a\": [1]}'::jsonb"
)
LISTS = (["a", 'b"', "\\"], [Decimal("1"), Decimal("2.5")])
VALUES = ['say "hi" é\n\\', 2**60, True, Decimal("1.50"), 0.1, *LISTS, None]


@pytest.fixture
def connection(postgresql_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(postgresql_url.replace("+psycopg", ""), autocommit=True, prepare_threshold=None) as found:
        yield found


@pytest.fixture
def cursor(connection: psycopg.Connection[Any]) -> PreparedCursor:
    return PreparedCursor(connection)


def kept(connection: psycopg.Connection[Any]) -> list[str]:
    """The statements that the server keeps."""
    found = connection.execute("SELECT statement FROM pg_prepared_statements ORDER BY prepare_time, statement")
    return [text for (text,) in found.fetchall()]


def test_rows_are_what_psycopg_finds(connection: psycopg.Connection[Any], cursor: PreparedCursor) -> None:
    cursor.execute(EVERY_KIND, VALUES)
    expected = psycopg.RawCursor(connection).execute(EVERY_KIND, VALUES).fetchall()
    assert cursor.fetchall() == expected == [(*VALUES, None, {"a": [1]})]


def test_a_statement_is_prepared_once(connection: psycopg.Connection[Any], cursor: PreparedCursor) -> None:
    for number in range(3):
        cursor.execute("SELECT $1::int + 1", (number,))
        assert cursor.fetchall() == [(number + 1,)]
    cursor.executemany("SELECT $1::int + 2", [(1,), (2,)])
    assert cursor.fetchall() == [(4,)]
    assert kept(connection) == ["SELECT $1::int + 1", "SELECT $1::int + 2"]


@pytest.mark.parametrize("closes", [17_00_00, 99_00_00], ids=["by the protocol", "by a statement"])
def test_the_statement_that_is_longest_unused_goes_when_there_are_too_many(
    connection: psycopg.Connection[Any], cursor: PreparedCursor, monkeypatch: pytest.MonkeyPatch, closes: int
) -> None:
    monkeypatch.setattr(prepared_cursor, "_MOST", 2)
    monkeypatch.setattr(prepared_cursor, "_CLOSES", closes)
    for number in (1, 2, 1, 3):
        cursor.execute(f"SELECT $1::int + {number}", (number,))
    assert kept(connection) == ["SELECT $1::int + 1", "SELECT $1::int + 3"]
    cursor.execute("SELECT $1::int + 2", (1,))
    assert cursor.fetchall() == [(3,)]


def test_text_without_values_may_be_several_statements(
    connection: psycopg.Connection[Any], cursor: PreparedCursor
) -> None:
    cursor.execute("BEGIN; SET LOCAL statement_timeout = 5000")
    cursor.execute("SHOW statement_timeout")
    assert cursor.fetchall() == [("5s",)]
    assert connection.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
    cursor.execute("ROLLBACK")
    assert kept(connection) == []


@pytest.mark.parametrize(
    ("text", "values", "error"),
    [
        ("SELECT 1 / $1::int", (0,), psycopg.errors.DivisionByZero),
        ("SELECT $1::int", ("seven",), psycopg.errors.InvalidTextRepresentation),
        ("SELECT nonsense", None, psycopg.errors.UndefinedColumn),
        ("SELECT nonsense, $1::int", (1,), psycopg.errors.UndefinedColumn),
        ("SELECT $1::text", ("a\0b",), psycopg.DataError),
        ("SELECT $1::text[]", (["a\0b"],), psycopg.DataError),
    ],
)
def test_errors_are_psycopgs(cursor: PreparedCursor, text: str, values: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        cursor.execute(text, values)
    cursor.execute("SELECT $1::int", (7,))
    assert cursor.fetchall() == [(7,)]


def test_what_the_server_has_forgotten_is_prepared_anew(
    connection: psycopg.Connection[Any], cursor: PreparedCursor
) -> None:
    cursor.execute("SELECT $1::int", (7,))
    connection.execute("DEALLOCATE ALL")
    with pytest.raises(psycopg.errors.InvalidSqlStatementName):
        cursor.execute("SELECT $1::int", (7,))
    cursor.execute("SELECT $1::int", (8,))
    assert cursor.fetchall() == [(8,)]


def test_a_table_that_has_changed_is_read_anew(connection: psycopg.Connection[Any], cursor: PreparedCursor) -> None:
    connection.execute("CREATE TEMPORARY TABLE changing (a int)")
    cursor.execute("SELECT * FROM changing WHERE $1::int = 1", (1,))
    connection.execute("ALTER TABLE changing ADD b int DEFAULT 2")
    with pytest.raises(psycopg.errors.FeatureNotSupported):
        cursor.execute("SELECT * FROM changing WHERE $1::int = 1", (1,))
    connection.execute("INSERT INTO changing VALUES (1)")
    cursor.execute("SELECT * FROM changing WHERE $1::int = 1", (1,))
    assert cursor.fetchall() == [(1, 2)]


def test_a_connection_that_breaks_says_so(postgresql_url: str, connection: psycopg.Connection[Any]) -> None:
    with psycopg.connect(postgresql_url.replace("+psycopg", ""), autocommit=True) as other:
        cursor = PreparedCursor(other)
        cursor.execute("SELECT $1::int", (7,))
        connection.execute("SELECT pg_terminate_backend(%s)", [other.info.backend_pid])
        assert connection.execute("SELECT 1").fetchall() == [(1,)]
        with pytest.raises(psycopg.OperationalError):
            cursor.execute("SELECT $1::int", (7,))
        assert other.closed
        with pytest.raises(psycopg.OperationalError):
            cursor.execute("SELECT $1::int", (7,))


def test_other_threads_go_on_while_one_waits(cursor: PreparedCursor) -> None:
    ended: list[str] = []

    def wait() -> None:
        cursor.execute("SELECT pg_sleep($1::float)", (0.5,))
        ended.append("answer")

    thread = Thread(target=wait)
    thread.start()
    time.sleep(0.1)
    ended.append("main")
    thread.join()
    assert ended == ["main", "answer"]


# Several statements that are sent together.

#: What could end a quotation, and what only looks as if it did.
HOSTILE = [
    "'",
    "''",
    "\\'",
    "\\\\",
    "'); DROP TABLE kept; --",
    "$1",
    "$$",
    "\u00e9\U0001f600\u2028",
    "a\nb\tc",
    "",
    "E'\\''",
]
KEEP = "INSERT INTO kept VALUES ($1::text)"
ALL = Step("SELECT value FROM kept ORDER BY number", (), fetch=True)


@pytest.fixture
def table(connection: psycopg.Connection[Any]) -> None:
    """A table of texts, in the order in which they were written."""
    connection.execute("CREATE TEMPORARY TABLE kept (value text, number serial)")


class Watched:
    """The C library, and how often somebody waits for it."""

    def __init__(self, server: Any) -> None:
        self.server, self.waits = server, 0

    def __getattr__(self, name: str) -> Any:
        self.waits += name in ("exec_", "exec_prepared")
        return getattr(self.server, name)


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("conforming", ["on", "off"])
def test_no_value_gets_out_of_its_quotes(
    connection: psycopg.Connection[Any], cursor: PreparedCursor, conforming: str
) -> None:
    connection.execute(f"SET standard_conforming_strings = {conforming}".encode())
    steps = [Step("BEGIN"), *(Step(KEEP, (value,)) for value in HOSTILE), ALL, Step("COMMIT")]
    assert cursor.run(steps)[-2] == [(value,) for value in HOSTILE]
    assert cursor.run([ALL])[0] == [(value,) for value in HOSTILE]
    _, rows = cursor.run([Step("SELECT $1::int", (1,)), Step(EVERY_KIND, VALUES, fetch=True)])
    assert rows == [(*VALUES, None, {"a": [1]})]


@pytest.mark.usefixtures("table")
def test_statements_wait_together_for_the_one_whose_rows_are_wanted(
    cursor: PreparedCursor, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = Step(KEEP, [("b",), ("c",)], many=True)
    steps = [Step("BEGIN"), Step(KEEP, ("a",)), ALL, many, Step("COMMIT")]
    cursor.run(steps)
    watched = Watched(cursor._server)
    monkeypatch.setattr(cursor, "_server", watched)
    assert cursor.run(steps) == [(), (), [("a",), ("b",), ("c",), ("a",)], (), ()]
    assert watched.waits == 2
    assert len(cursor.run([ALL])[0]) == 6


@pytest.mark.usefixtures("table")
def test_after_a_statement_that_fails_nothing_is_run(
    connection: psycopg.Connection[Any], cursor: PreparedCursor
) -> None:
    for failing, error in [
        (Step("SELECT 1 / $1::int", (0,)), psycopg.errors.DivisionByZero),
        (Step(KEEP, ("a\0b",)), psycopg.DataError),
        (Step("nonsense"), psycopg.errors.SyntaxError),
    ]:
        with pytest.raises(error):
            cursor.run([Step("BEGIN"), Step(KEEP, ("a",)), failing, Step("COMMIT")])
        cursor.execute("ROLLBACK")
        assert cursor.run([ALL]) == [[]]
    with pytest.raises(psycopg.errors.DivisionByZero):
        cursor.run([Step(KEEP, ("a",)), Step("SELECT 1 / $1::int", (0,)), Step("COMMIT")])
    assert cursor.run([ALL]) == [[]]


@pytest.mark.usefixtures("table")
def test_what_the_server_has_forgotten_of_several_is_prepared_anew(
    connection: psycopg.Connection[Any], cursor: PreparedCursor
) -> None:
    steps = [Step("BEGIN"), Step(KEEP, ("a",)), Step(KEEP, ("b",)), Step("COMMIT")]
    cursor.run(steps)
    connection.execute("DEALLOCATE ALL")
    with pytest.raises(psycopg.errors.InvalidSqlStatementName):
        cursor.run(steps)
    cursor.execute("ROLLBACK")
    cursor.run(steps)
    assert cursor.run([ALL]) == [[("a",), ("b",)] * 2]


def test_no_statement_is_forgotten_for_another_that_is_sent_with_it(
    cursor: PreparedCursor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared_cursor, "_MOST", 2)
    for number in range(4):
        cursor.run([Step("SELECT $1::int", (1,)), Step(f"SELECT $1::int + {number}", (1,), fetch=True)])


@pytest.mark.usefixtures("table")
def test_long_values_are_sent_by_themselves(cursor: PreparedCursor, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [Step("BEGIN"), Step(KEEP, ("a" * 20_000,)), Step("COMMIT")]
    cursor.run(steps)
    watched = Watched(cursor._server)
    monkeypatch.setattr(cursor, "_server", watched)
    cursor.run(steps)
    assert watched.waits == 3
    with pytest.raises(psycopg.errors.DivisionByZero):
        cursor.run([steps[0], steps[1], Step("SELECT 1 / $1::int", (0,)), Step("COMMIT")])
    cursor.execute("ROLLBACK")
    assert cursor.run([ALL]) == [[("a" * 20_000,)] * 2]


@pytest.mark.usefixtures("table")
def test_a_mark_that_was_sent_with_what_failed_can_be_come_back_to(cursor: PreparedCursor) -> None:
    fails = Step("SELECT 1 / $1::int", (0,))
    for first in ([Step("BEGIN")], [Step("BEGIN"), Step(KEEP, ("a",))]):
        with pytest.raises(psycopg.errors.DivisionByZero):
            cursor.run([*first, Step("SAVEPOINT s0"), Step(KEEP, ("b",)), fails])
        cursor.run([Step("ROLLBACK TO SAVEPOINT s0"), Step("RELEASE SAVEPOINT s0"), Step(KEEP, ("c",)), Step("COMMIT")])
    assert cursor.run([ALL]) == [[("c",), ("a",), ("c",)]]
