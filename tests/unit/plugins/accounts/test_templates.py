"""Mails: what a template may name, and what a value cannot do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliquet.plugins.accounts.templates import DEFAULTS, Template, template


def filled(text: str, **fields: Any) -> str:
    return Template("", text).filled("alice@example.com", fields).body


def test_fields_are_filled_in_by_their_names() -> None:
    fields: dict[str, Any] = {"id": "alice", "activation-key": "k", "n": 3, "x": 1.5, "yes": True}
    mail = Template("Hello {id}", "{activation-key} {n} {x} {yes}").filled("alice@example.com", fields)
    assert (mail.recipient, mail.subject, mail.body) == ("alice@example.com", "Hello alice", "k 3 1.5 True")


@pytest.mark.parametrize(
    "text",
    [
        "{id.__class__}", "{id[0]}", "{id!r}", "{id:>1000000000}", "{}", "{0}", "{{id}", "{unknown}", "{ id }",
        "{__class__}", "{id", "id}", "{é}", "{%", "%(id)s", "$id",
    ],
)  # fmt: skip
def test_what_is_no_name_of_a_field_stays_as_it_is(text: str) -> None:
    assert filled(text.replace("{id}", ""), name="x") == text.replace("{id}", "")


def test_lists_and_objects_are_no_values() -> None:
    assert filled("{a} {b} {c}", a=[1], b={"x": 1}, c=None) == "{a} {b} {c}"


def test_a_value_is_not_read_as_a_template() -> None:
    assert filled("{a}", a="{b}", b="secret") == "{b}"


def test_a_template_may_have_lines_and_a_value_has_one() -> None:
    assert filled("Hello\n\n{id}\n", id="a\r\nBcc: b@example.com\u2028x") == "Hello\n\na Bcc: b@example.com x\n"


def test_a_value_is_not_endless() -> None:
    assert len(filled("{a}", a="x" * 100_000)) == 500


@given(st.text(), st.text())
def test_a_subject_is_always_one_line(text: str, value: str) -> None:
    subject = Template(text + "{a}", "").filled("alice@example.com", {"a": value}).subject
    assert subject.splitlines() in ([], [subject])
    assert not set(subject) & {"\r", "\n", "\0"}


def test_the_settings_have_a_template_for_each_kind() -> None:
    kinds = ("", "confirmation_", "reset_password_")
    bodies = [template(DEFAULTS, kind).body for kind in kinds]
    assert bodies == ["{activation-key}", "The account {id} is now active", "{reset-password}"]
