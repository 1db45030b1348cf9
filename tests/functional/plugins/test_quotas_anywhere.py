"""Quotas of any application: their settings are named after its resources."""

from __future__ import annotations

from typing import Any

from tests.functional.plugins.history_service import Serve, batch, library, put

SHELF = "/api/shelves/s"
BOOK = f"{SHELF}/books/b"


def test_a_library_has_quotas_of_shelves_and_of_books(sharing_settings: dict[str, Any], serve: Serve) -> None:
    limits = {"quotas__shelf_max_items": "3", "quotas__book_s_b_max_items": "1", "quotas__book_max_items": "2"}
    plugins = "cliquet.plugins.quotas cliquet.plugins.history"
    app = library(sharing_settings, serve, includes=plugins, **limits)
    put(app, SHELF)
    for book in "bcd":
        put(app, f"{SHELF}/books/{book}")
    put(app, f"{BOOK}/pages/1")
    message = app.put_json(f"/v1{BOOK}/pages/2", {}, status=507).json["message"]
    assert message == "Book maximum number of objects exceeded (2 > 1 objects)."
    batch(app, *(("PUT", f"{SHELF}/books/c/pages/{number}", {}) for number in range(2)))
    message = app.put_json(f"/v1{SHELF}/books/d/pages/1", {}, status=507).json["message"]
    assert message == "Shelf maximum number of objects exceeded (4 > 3 objects)."
    app.delete(f"/v1{SHELF}/books/c")
    put(app, f"{SHELF}/books/d/pages/1")
    rows = {row["uri"]: row for row in app.get(f"/v1{SHELF}/quota").json["data"]}
    assert sorted(rows) == [SHELF, BOOK, f"{SHELF}/books/d"]
    assert (rows[SHELF]["book_count"], rows[SHELF]["page_count"], rows[BOOK]["page_count"]) == (2, 2, 1)
