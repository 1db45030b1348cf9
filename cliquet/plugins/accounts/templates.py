"""Mails, made of templates of the operator and fields of an account."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

__all__ = ["DEFAULTS", "Mail", "Template", "template"]

#: Names, not expressions: a template reaches nothing but the fields that it is given.
_FIELD = re.compile(r"\{([A-Za-z0-9_-]+)\}", re.ASCII)
_LONGEST_VALUE = 500
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_PREFIX = "account_validation.email_"

#: Settings and their defaults: a subject and a body for each kind of mail.
DEFAULTS: Mapping[str, str] = MappingProxyType(
    {
        f"{_PREFIX}subject_template": "activate your account",
        f"{_PREFIX}body_template": "{activation-key}",
        f"{_PREFIX}confirmation_subject_template": "Account active",
        f"{_PREFIX}confirmation_body_template": "The account {id} is now active",
        f"{_PREFIX}reset_password_subject_template": "Reset password",
        f"{_PREFIX}reset_password_body_template": "{reset-password}",
    }
)


@dataclass(frozen=True)
class Mail:
    """A mail that can be sent."""

    recipient: str
    subject: str
    body: str


@dataclass(frozen=True)
class Template:
    """A subject and a body with ``{names}`` in them, which stay as they are where there is no such field.

    >>> template = Template("Hello {id}", "Your key is {activation-key}. {id.__class__} {unknown}")
    >>> template.filled("alice@example.com", {"id": "alice", "activation-key": "abc"}).body
    'Your key is abc. {id.__class__} {unknown}'
    """

    subject: str
    body: str

    def filled(self, recipient: str, fields: Mapping[str, Any]) -> Mail:
        """The mail for one account; a value never adds a line, to the subject or to the body.

        :param fields: only texts, numbers and truth values are used.
        """
        return Mail(recipient, _one_line(_filled(self.subject, fields)), _filled(self.body, fields))


def template(settings: Mapping[str, Any], kind: str = "") -> Template:
    """The template of the settings.

    :param kind: nothing for an activation, ``confirmation_`` or ``reset_password_``.

    >>> template(DEFAULTS, "confirmation_").subject
    'Account active'
    """
    return Template(settings[f"{_PREFIX}{kind}subject_template"], settings[f"{_PREFIX}{kind}body_template"])


def _filled(text: str, fields: Mapping[str, Any]) -> str:
    return _FIELD.sub(lambda found: _value(fields.get(found[1]), found[0]), text)


def _value(value: Any, otherwise: str) -> str:
    if isinstance(value, str | int | float):
        return _one_line(str(value))[:_LONGEST_VALUE]
    return otherwise


def _one_line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()
