"""``/__setup__``: where the person at the terminal becomes the first administrator."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPForbidden
from pyramid.request import Request
from pyramid.response import Response

from cliquet.database.transaction import Transaction
from cliquet.errors import ERRORS, InvalidInput, Problem
from cliquet.plugins.accounts.hashing import fault
from cliquet.plugins.accounts.service import KEY, Accounts, accounts
from cliquet.protocol import body, patch
from cliquet.web import calls, events, transactions
from cliquet.web.components import components
from cliquet.web.errors import http_error
from cliquet.web.service import declare

__all__ = ["banner", "create", "form", "includeme"]

_PATH = "/__setup__"
_FORM = "application/x-www-form-urlencoded"
_MOST_BYTES = 65_536
_OVER = (
    "This link is not good, or not any more: it works once, for an hour, until the first account exists. "
    "To make an administrator, type: cliquet create-user --admin --ini FILE -u NAME"
)
#: What a browser may do with the page: show it, and send its form back.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 30rem; margin: 3rem auto; padding: 0 1rem }}
label, input, button {{ display: block; width: 100%; box-sizing: border-box; font: inherit }}
input, button {{ margin: .25rem 0 1rem; padding: .5rem }}</style>
<h1>{title}</h1>
{content}
</html>
"""
_FIELDS = """<p>{problem}</p>
<form method="post">
<label>Name <input name="id" value="{name}" required autofocus autocomplete="username" maxlength="255"></label>
<label>Password <input name="password" type="password" required autocomplete="new-password"></label>
<button>Create the first administrator</button>
</form>"""


def banner(registry: Any, base: str) -> Iterator[str]:
    """What ``cliquet start`` prints about accounts while there are none.

    :param base: the URL of the service, with the version.
    """
    found, parts = registry.get(KEY), components(registry)
    if found is None or parts.settings.readonly or not found.are_none():
        return
    if not parts.production:
        yield "Nobody has an account yet. To become the administrator, open, within the hour and once:"
        yield f"  {base}{_PATH}?token={found.invitation.issue()}"
    else:
        yield "Nobody has an account yet. To make an administrator, type:"
        yield "  cliquet create-user --admin --ini FILE -u NAME"


def form(request: Request) -> Response:
    """The page behind the link."""
    if not _is_invited(request) or not accounts(request.registry).are_none():
        return _page(403, "Set up", f"<p>{escape(_OVER)}</p>")
    return _page(200, "Set up", _FIELDS.format(problem="", name=""))


def create(request: Request) -> Response:
    """The first account, which belongs to the administrators; from a form or as JSON."""
    is_form = calls.media_type(request, (patch.JSON, _FORM)) == _FORM
    if not _is_invited(request):
        return _page(403, "Set up", f"<p>{escape(_OVER)}</p>") if is_form else _refused()
    name, password = _from_form(request) if is_form else _from_json(request)
    try:
        return _create(request, name, password, is_form=is_form)
    except InvalidInput as error:
        if not is_form:
            raise
        problem = escape(error.problems[0].description)
        return _page(400, "Set up", _FIELDS.format(problem=problem, name=escape(name, quote=True)))


def includeme(config: Configurator) -> None:
    """Declares the endpoint, and has ``cliquet start`` tell of it."""
    registry = config.registry
    components(registry).banners.append(lambda base: banner(registry, base))
    declare(config, "setup", _PATH, {"GET": form, "POST": create}, description="The first administrator")


def _create(request: Request, name: Any, password: Any, *, is_form: bool) -> Response:
    found = accounts(request.registry)
    _check(found, name, password)
    encoded = found.hasher.hash(password)

    def work(transaction: Transaction) -> Response:
        found.model(transaction).lock()
        if not _is_invited(request) or not found.are_none(transaction):
            return _page(403, "Set up", f"<p>{escape(_OVER)}</p>") if is_form else _refused()
        change = found.save(name, encoded, administrator=True, transaction=transaction)
        events.note(request, transaction, [change])
        transaction.after_commit(found.invitation.withdraw)
        return _made(change.new.data, is_form=is_form)

    return transactions.run(request, work)


def _check(found: Accounts, name: Any, password: Any) -> None:
    if not isinstance(name, str) or not found.is_name(name):
        raise InvalidInput(Problem("body", "data.id", "A name has letters, digits, and + . @ _ - inside."))
    if problem := fault(password):
        raise InvalidInput(Problem("body", "data.password", problem))


def _from_json(request: Request) -> tuple[Any, Any]:
    content = calls.json_of(request, _MOST_BYTES)
    data = content.get("data") if isinstance(content, dict) else None
    if not isinstance(data, dict):
        raise InvalidInput(Problem("body", "data", 'data is missing: send {"data": {"id": ..., "password": ...}}'))
    return data.get("id"), data.get("password")


def _from_form(request: Request) -> tuple[str, str]:
    calls.check_length(request, _MOST_BYTES)
    try:
        return request.POST.get("id", ""), request.POST.get("password", "")
    except UnicodeDecodeError:
        raise InvalidInput(Problem("body", None, "The form is not UTF-8.")) from None


def _is_invited(request: Request) -> bool:
    token = dict(calls.parameters(request)).get("token", "")
    return accounts(request.registry).invitation.is_for(token)


def _made(account: dict[str, Any], *, is_form: bool) -> Response:
    if is_form:
        name = escape(account["id"])
        return _page(201, "It is done", f"<p>The account <b>{name}</b> administers this service.</p>")
    return Response(status=201, body=body.encode({"data": account}), content_type="application/json")


def _refused() -> Response:
    refusal: Response = http_error(HTTPForbidden(), errno=ERRORS.FORBIDDEN, message=_OVER)
    return refusal


def _page(status: int, title: str, content: str) -> Response:
    text = _PAGE.format(title=escape(title), content=content)
    response = Response(status=status, body=text.encode(), content_type="text/html", charset="utf-8")
    response.headers.update(_HEADERS)
    return response
