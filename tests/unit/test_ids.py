"""Tests of how record ids are made and recognised."""

from __future__ import annotations

import uuid

import pytest

from cliquet.errors import ConfigurationError
from cliquet.ids import UUID4, Generator, Short, random_hex

KNOWN = "0b9c2b8e-4f0e-4b0e-8f0e-0b9c2b8e4f0e"


@pytest.mark.parametrize("generator", [UUID4(), Short()])
def test_a_generator_accepts_what_it_makes_and_never_makes_it_twice(generator: Generator) -> None:
    made = {generator() for _ in range(100)}
    assert len(made) == 100
    assert all(map(generator.match, made))


def test_uuids_are_random() -> None:
    assert uuid.UUID(UUID4()()).version == 4


@pytest.mark.parametrize(
    "record_id",
    ["", "abc", KNOWN.upper(), KNOWN.replace("-", ""), KNOWN + "\n", KNOWN + "0", f"{{{KNOWN}}}", " " + KNOWN],
)
def test_what_is_no_uuid_is_refused(record_id: str) -> None:
    assert UUID4().match(KNOWN)
    assert not UUID4().match(record_id)


@pytest.mark.parametrize("record_id", ["a", "A-b_c", "0", "a" * 255])
def test_a_slug_is_accepted(record_id: str) -> None:
    assert Short().match(record_id)


@pytest.mark.parametrize(
    "record_id", ["", "-a", "_a", "a/b", "a b", "é", "٣", "a\n", "a\x00", "\ud800", "a.b", "a" * 256]
)
def test_what_is_no_slug_is_refused(record_id: str) -> None:
    assert not Short().match(record_id)


class Numbered(Generator):
    """Anchors in the pattern are harmless, and so are alternatives."""

    regexp = "^n[0-9]+|x$"
    max_length = 4

    def __call__(self) -> str:
        return "n1"


@pytest.mark.parametrize(
    ("record_id", "due"), [("n1", True), ("n123", True), ("n1234", False), ("x", True), ("yx", False), ("n1y", False)]
)
def test_a_generator_of_ones_own_decides_about_whole_ids(record_id: str, *, due: bool) -> None:
    assert Numbered().match(record_id) is due


class Contradicting(Generator):
    regexp = "[0-9]+"

    def __call__(self) -> str:
        return "letters"


def test_a_generator_that_refuses_its_own_ids_is_found_at_the_start() -> None:
    with pytest.raises(ConfigurationError, match=r"Contradicting.*'letters'"):
        Contradicting()


def test_random_bytes_are_random() -> None:
    assert random_hex(16) != random_hex(16)
    assert len(random_hex(16)) == 32
