"""Sends mails, one after the other, while requests go on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import structlog
from pyramid.config import Configurator

from cliquet.errors import ConfigurationError, Overloaded
from cliquet.plugins.accounts.templates import Mail

try:
    from pyramid_mailer.interfaces import IMailer  # type: ignore[import-untyped]  # it has no annotations
    from pyramid_mailer.mailer import DebugMailer, DummyMailer, Mailer  # type: ignore[import-untyped]  # as above
    from pyramid_mailer.message import Message  # type: ignore[import-untyped]  # as above
    from repoze.sendmail.mailer import SMTPMailer  # type: ignore[import-untyped]  # as above
except ImportError as missing:
    raise ImportError(f"{missing}; type: pip install 'cliquet[accounts]'") from missing

__all__ = ["Post", "includeme", "mailer_of"]

_log = structlog.get_logger("cliquet")
_LONGEST_QUEUE = 500


class Post:
    """Works on what has to be mailed in a thread of its own: no request waits for a mail server.

    :param send: sends a message of pyramid_mailer at once, or raises.
    :param sender: the address in ``From``.
    :param longest: most jobs that may wait.

    >>> sent = []
    >>> post = Post(sent.append, "admin@example.com")
    >>> post.add(lambda: Mail("alice@example.com", "Hello", "It is done."))
    >>> post.wait()
    >>> [message.subject for message in sent]
    ['Hello']
    """

    def __init__(self, send: Callable[[Any], object], sender: str, *, longest: int = _LONGEST_QUEUE) -> None:
        self._send = send
        self._sender = sender
        self._room = threading.BoundedSemaphore(longest)
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="accounts-mail")

    def add(self, job: Callable[[], Mail | None]) -> None:
        """Do a job later, and send the mail that it answers, if it answers one.

        :raises Overloaded: when too many jobs wait already.
        """
        if not self._room.acquire(blocking=False):
            raise Overloaded(message="Too many mails are waiting to be sent.")
        self._worker.submit(self._do, job).add_done_callback(self._done)

    def wait(self) -> None:
        """Wait until all that was added before is done."""
        self._worker.submit(lambda: None).result()

    def _do(self, job: Callable[[], Mail | None]) -> None:
        mail = job()
        if mail is not None:
            message = Message(subject=mail.subject, sender=self._sender, recipients=[mail.recipient], body=mail.body)
            self._send(message)

    def _done(self, future: Future[None]) -> None:
        self._room.release()
        if error := future.exception():
            # Without the traceback: a key may be among the values that some handlers add to one.
            _log.error("A mail could not be sent.", reason=f"{type(error).__name__}: {error}")


def includeme(config: Configurator) -> None:
    """Prepares the post; a mailer that the application registered is used instead of one of ours."""
    registry, settings = config.registry, config.registry.settings
    if registry.queryUtility(IMailer) is None:
        registry.registerUtility(mailer_of(settings), IMailer)

    def send(message: Any) -> None:
        registry.getUtility(IMailer).send_immediately(message)

    registry["cliquet.accounts.post"] = Post(send, settings["account_validation.email_sender"])


def mailer_of(settings: Mapping[str, Any]) -> Any:
    """The mailer that the settings ask for: SMTP, or ``debug`` (files) and ``testing`` (kept in memory).

    :raises ConfigurationError: when ``mail.mailer`` names another one.

    >>> type(mailer_of({"mail.mailer": "testing"})).__name__
    'DummyMailer'
    """
    kind = settings["mail.mailer"]
    if not kind:
        return Mailer(smtp_mailer=_smtp(settings), default_sender=settings.get("mail.default_sender"))
    if kind == "testing":
        return DummyMailer()
    if kind == "debug":
        return DebugMailer.from_settings(settings)
    raise ConfigurationError(f"Setting 'mail.mailer': {kind!r} is neither debug nor testing, nor empty.")


def _smtp(settings: Mapping[str, Any]) -> Any:
    """Made here, because the mailer's own way to encrypt from the start gives up with Python 3.12."""
    user, password = settings["mail.username"] or None, settings["mail.password"] or None
    tls = settings["mail.tls"]
    return SMTPMailer(
        settings["mail.host"],
        settings["mail.port"],
        user,
        password,
        no_tls=not tls,
        force_tls=tls,
        ssl=settings["mail.ssl"],
    )
