"""Errors as JSON."""

from __future__ import annotations

import pytest
from pyramid.httpexceptions import HTTPConflict, HTTPNotFound

from cliquet.errors import ERRORS
from cliquet.web.errors import http_error, is_spoken, json_body


def test_what_is_not_given_is_left_out() -> None:
    assert json_body(404, ERRORS.MISSING_RESOURCE) == {"code": 404, "errno": 111, "error": "Not Found"}
    assert json_body(500, 5, error="E", message="m", info="i", details=[]) == {
        "code": 500, "errno": 5, "error": "E", "message": "m", "info": "i", "details": []
    }  # fmt: skip


def test_a_status_that_http_does_not_know_has_a_title() -> None:
    assert json_body(499, ERRORS.UNDEFINED)["error"] == "Error"


@pytest.mark.parametrize("errno", [ERRORS.CONSTRAINT_VIOLATED, 122])
def test_an_exception_of_pyramid_is_given_a_body(errno: ERRORS | int) -> None:
    error = http_error(HTTPConflict(), errno=errno, message="Taken", details={"field": "url"})
    assert error.content_type == "application/json"
    assert error.json == {
        "code": 409, "errno": 122, "error": "Conflict", "message": "Taken", "details": {"field": "url"}
    }  # fmt: skip
    assert is_spoken(error)
    assert not is_spoken(HTTPNotFound("a text"))
