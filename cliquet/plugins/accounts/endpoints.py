"""``/accounts/{id}/validate/{key}`` and ``/accounts/{id}/reset-password`` (``docs/protocol/accounts``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPForbidden
from pyramid.request import Request
from pyramid.response import Response

from cliquet.database.transaction import Transaction
from cliquet.errors import ERRORS, InvalidInput, Problem
from cliquet.plugins.accounts.service import accounts
from cliquet.protocol import patch
from cliquet.web import calls, events, transactions
from cliquet.web.components import components
from cliquet.web.errors import http_error
from cliquet.web.service import declare

__all__ = ["includeme", "reset_password", "validate"]

_NO_MATCH = "Account ID and activation key do not match"
_SENT = "A temporary reset password has been sent by mail"


def validate(request: Request) -> Response:
    """The account, which can be used from now on; anything but the right key is refused in one way."""
    found = accounts(request.registry)
    name, key, context = request.matchdict["id"], request.matchdict["key"], _context(request)

    def work(transaction: Transaction) -> Response:
        change = found.activate(name, key, transaction)
        if change is None or found.validation is None:
            return http_error(HTTPForbidden(), errno=ERRORS.FORBIDDEN, message=_NO_MATCH)
        events.note(request, transaction, [change])
        found.validation.confirm(change.new.data, context, transaction)
        return Response(body=change.new.json.encode(), content_type="application/json")

    return transactions.run(request, work)


def reset_password(request: Request) -> dict[str, Any]:
    """The same answer, after the same work, whether there is such an account or not."""
    found = accounts(request.registry)
    name, context = request.matchdict["id"], _context(request)
    assert found.validation is not None, "the endpoint is there with the validation"
    if not found.is_name(name):
        raise InvalidInput(Problem("path", None, "Invalid record id"))
    found.validation.check_address(name)
    found.validation.remind(found.fields, name, context)
    return {"message": _SENT}


def includeme(config: Configurator) -> None:
    """Declares the endpoints."""
    readonly = components(config.registry).settings.readonly
    for name, path, view in (
        ("account-validation", "/accounts/{id}/validate/{key}", validate),
        ("account-reset-password", "/accounts/{id}/reset-password", reset_password),
    ):
        declare(config, name, path, {} if readonly else {"POST": view}, renderer="json")


def _context(request: Request) -> Mapping[str, Any]:
    """What a body offers for the templates of mails; there need not be one."""
    calls.negotiate(request)
    calls.media_type(request, (patch.JSON,))
    content = calls.json_of(request, components(request.registry).settings.max_body_bytes)
    data = content.get("data") if isinstance(content, dict) else None
    context = data.get("email-context") if isinstance(data, dict) else None
    return context if isinstance(context, dict) else {}
