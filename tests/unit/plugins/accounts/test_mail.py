"""Mails are sent later, one after the other, and none is lost without a word."""

from __future__ import annotations

import io
import threading
from typing import Any

import pytest
from pyramid.config import Configurator
from pyramid_mailer import get_mailer  # type: ignore[import-untyped]  # it has no annotations
from pyramid_mailer.mailer import DummyMailer  # type: ignore[import-untyped]  # as above

from cliquet.errors import ConfigurationError, Overloaded
from cliquet.monitoring import logs
from cliquet.plugins.accounts.mail import Post, mailer_of
from cliquet.plugins.accounts.options import DEFAULTS
from cliquet.plugins.accounts.templates import Mail


@pytest.fixture
def log() -> io.StringIO:
    """What is logged."""
    stream = io.StringIO()
    logs.configure(renderer="json", stream=stream)
    return stream


MAIL = Mail("alice@example.com", "Hello", "It is done.")


def test_a_job_may_have_nothing_to_send() -> None:
    sent: list[Any] = []
    post = Post(sent.append, "admin@example.com")
    post.add(lambda: None)
    post.add(lambda: MAIL)
    post.wait()
    (message,) = sent
    assert (message.sender, message.recipients, message.body) == (
        "admin@example.com",
        ["alice@example.com"],
        "It is done.",
    )


def test_a_mail_server_that_is_down_is_logged_and_others_are_tried(log: io.StringIO) -> None:
    sent: list[Any] = []

    def send(message: Any) -> None:
        if message.subject == "Hello":
            raise OSError("connection refused")
        sent.append(message)

    post = Post(send, "admin@example.com")
    post.add(lambda: MAIL)
    post.add(lambda: Mail("bob@example.com", "Other", "text"))
    post.wait()
    assert [message.subject for message in sent] == ["Other"]
    assert "A mail could not be sent." in log.getvalue()
    assert "connection refused" in log.getvalue()
    assert "It is done." not in log.getvalue()


def test_an_address_with_a_line_break_is_never_sent() -> None:
    mailer = DummyMailer()
    post = Post(lambda message: mailer.send_immediately(message.to_message() and message), "admin@example.com")
    post.add(lambda: Mail("alice@example.com\nBcc: bob@example.com", "Hello", "text"))
    post.wait()
    assert mailer.outbox == []


def test_a_queue_that_is_full_refuses() -> None:
    begun, leave = threading.Event(), threading.Event()

    def job() -> None:
        begun.set()
        assert leave.wait(20)

    post = Post(lambda message: None, "admin@example.com", longest=2)
    post.add(job)
    assert begun.wait(20)
    post.add(lambda: None)
    with pytest.raises(Overloaded):
        post.add(lambda: None)
    leave.set()
    post.wait()
    post.add(lambda: None)


@pytest.mark.parametrize(("kind", "name"), [("", "Mailer"), ("testing", "DummyMailer")])
def test_the_setting_chooses_the_mailer(kind: str, name: str) -> None:
    assert type(mailer_of({**DEFAULTS, "mail.mailer": kind})).__name__ == name


def test_an_unknown_mailer_stops_the_start() -> None:
    with pytest.raises(ConfigurationError, match=r"mail\.mailer"):
        mailer_of({**DEFAULTS, "mail.mailer": "pigeon"})


def test_the_settings_reach_the_mail_server() -> None:
    settings = {**DEFAULTS, "mail.host": "smtp.example.com", "mail.port": 465, "mail.ssl": True, "mail.username": "me"}
    found = mailer_of(settings).smtp_mailer
    assert (found.hostname, found.port, found.ssl, found.username) == ("smtp.example.com", 465, True, "me")
    assert mailer_of(DEFAULTS).smtp_mailer.username is None


def test_the_mailer_of_the_application_is_used() -> None:
    config = Configurator(settings=dict(DEFAULTS))
    config.include("pyramid_mailer.testing")
    config.include("cliquet.plugins.accounts.mail")
    post: Post = config.registry["cliquet.accounts.post"]
    post.add(lambda: MAIL)
    post.wait()
    assert [message.subject for message in get_mailer(config.registry).outbox] == ["Hello"]
