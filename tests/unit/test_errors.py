"""Tests of the errors and of their words."""

from __future__ import annotations

import inspect

import pytest

from cliquet import errors
from cliquet.errors import ERRORS, BackendError, CliquetError, InvalidInput, Problem

CLASSES = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, CliquetError)]


@pytest.mark.parametrize("error", CLASSES)
def test_every_error_descends_from_the_root_and_is_public(error: type[CliquetError]) -> None:
    assert error.__name__ in errors.__all__
    assert error.__doc__


@pytest.mark.parametrize(
    ("error", "parent"),
    [
        (errors.MalformedBody, InvalidInput),
        (errors.UnsupportedMediaType, InvalidInput),
        (errors.NotAcceptable, InvalidInput),
        (errors.Retryable, BackendError),
        (errors.Overloaded, BackendError),
        (errors.SchemaOutdated, errors.ConfigurationError),
    ],
)
def test_the_tree_of_errors_has_few_branches(error: type[CliquetError], parent: type[CliquetError]) -> None:
    assert error.__bases__ == (parent,)


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (104, "MISSING_AUTH_TOKEN"),
        (105, "INVALID_AUTH_TOKEN"),
        (106, "BADJSON"),
        (107, "INVALID_PARAMETERS"),
        (108, "MISSING_PARAMETERS"),
        (109, "INVALID_POSTED_DATA"),
        (110, "INVALID_RESOURCE_ID"),
        (111, "MISSING_RESOURCE"),
        (112, "MISSING_CONTENT_LENGTH"),
        (113, "REQUEST_TOO_LARGE"),
        (114, "MODIFIED_MEANWHILE"),
        (115, "METHOD_NOT_ALLOWED"),
        (116, "VERSION_NOT_AVAILABLE"),
        (117, "CLIENT_REACHED_CAPACITY"),
        (118, "HORIZON_PASSED"),
        (121, "FORBIDDEN"),
        (122, "CONSTRAINT_VIOLATED"),
        (201, "BACKEND"),
        (202, "SERVICE_DEPRECATED"),
        (999, "UNDEFINED"),
    ],
)
def test_the_numbers_of_errors_never_change(number: int, name: str) -> None:
    assert ERRORS(number).name == name


def test_invalid_input_keeps_all_problems_and_says_them() -> None:
    error = InvalidInput(Problem("body", "data.a", "Required"), Problem("header", None, "Missing"))
    assert [problem.name for problem in error.problems] == ["data.a", None]
    assert str(error) == "data.a: Required; header: Missing"


def test_a_problem_is_an_entry_of_details() -> None:
    assert Problem("body", None, "Required").as_dict() == {"location": "body", "name": None, "description": "Required"}


def test_a_hook_may_refuse_with_the_arguments_of_older_code() -> None:
    with pytest.raises(InvalidInput) as caught:
        errors.raise_invalid(object(), location="body", name="title", description="Too long", extra=1)
    assert caught.value.problems == (Problem("body", "title", "Too long"),)


def test_errors_keep_what_the_answer_needs() -> None:
    clash = errors.UnicityError("url", {"id": "x", "url": "u"})
    assert (clash.field, clash.record["id"]) == ("url", "x")
    failed = errors.PreconditionFailed(5, {"id": "x"})
    assert (failed.timestamp, failed.existing) == (5, {"id": "x"})
    missing = errors.RecordNotFound("x", "bucket", parent=True)
    assert (missing.record_id, missing.resource, missing.parent) == ("x", "bucket", True)
    assert errors.NotModified(5).timestamp == 5
    assert errors.HorizonPassed(7).horizon == 7
    assert errors.BodyTooLarge(9).limit == 9


def test_a_backend_error_says_what_the_driver_said() -> None:
    original = OSError("no route")
    assert str(BackendError(original)) == "OSError: no route"
    assert BackendError(original).original is original
    assert str(BackendError(message="Busy.")) == "Busy."
