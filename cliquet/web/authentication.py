"""Who sends a request: of several policies, the first that answers wins (``docs/protocol/authentication``)."""

from __future__ import annotations

import base64
import binascii
import hmac
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pyramid.request import Request
from pyramid.util import DottedNameResolver

from cliquet.errors import ConfigurationError
from cliquet.model.judge import NOBODY, Who
from cliquet.settings import Settings
from cliquet.web.components import components

__all__ = ["Identity", "Policy", "basicauth", "credentials", "identify", "load_policies", "user_id", "who"]

#: A policy: the identity of who sends the request, without the prefix, or ``None`` when it cannot tell.
Policy = Callable[[Request], str | None]

#: Names that mean a policy of ours.
_BUILT_IN = {
    "basicauth": "cliquet.web.authentication.basicauth",
    "cliquet.authentication.BasicAuthAuthenticationPolicy": "cliquet.web.authentication.basicauth",
    "accounts": "cliquet.plugins.accounts.AccountsPolicy",
}


@dataclass(frozen=True)
class Identity:
    """Who sends a request.

    :param policy: the name of the policy that recognised them.
    :param name: their identity there.

    >>> Identity("basicauth", "abc").user_id
    'basicauth:abc'
    """

    policy: str
    name: str

    @property
    def user_id(self) -> str:
        """The identity as the rest of the toolkit, and the client, knows it."""
        return f"{self.policy}:{self.name}"


def credentials(request: Request) -> tuple[str, str] | None:
    """User name and password of HTTP Basic authentication, when they are there and readable.

    >>> credentials(Request.blank("/", headers={"Authorization": "Basic bWF0OjE="}))
    ('mat', '1')
    """
    scheme, _, encoded = request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        raw = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    name, colon, password = _text(raw).partition(":")
    return (name, password) if colon and name else None


def basicauth(request: Request) -> str | None:
    """Any user name and password: the identity is a keyed digest of both.

    Changing the password changes the identity; there are no accounts. An empty user name is nobody.

    >>> from cliquet.testing.app import basic_auth, make_wsgi_app
    >>> request = Request.blank("/", headers=basic_auth("mat", "1"))
    >>> request.registry = make_wsgi_app().registry
    >>> basicauth(request)[:8], len(basicauth(request))
    ('d48a3753', 64)
    """
    found = credentials(request)
    if found is None:
        return None
    digest = _keyed(components(request.registry).settings.userid_hmac_secret).copy()
    digest.update(":".join(found).encode())
    return digest.hexdigest()


basicauth.challenge = 'Basic realm="Realm"'  # type: ignore[attr-defined]  # what a 401 offers; see errors.py


def identify(request: Request) -> Identity | None:
    """Who sends the request, asked of each policy in turn, once per request.

    >>> from cliquet.testing.app import basic_auth, make_wsgi_app
    >>> request = Request.blank("/", headers=basic_auth("mat", "1"))
    >>> request.registry = make_wsgi_app().registry
    >>> identify(request).policy
    'basicauth'
    """
    environ = request.environ
    if "cliquet.identity" not in environ:
        environ["cliquet.identity"] = _identify(request)
    identity: Identity | None = environ["cliquet.identity"]
    return identity


def user_id(request: Request) -> str | None:
    """The prefixed id of who sends the request; ``None`` when nobody in particular.

    >>> from cliquet.testing.app import basic_auth, make_wsgi_app
    >>> request = Request.blank("/", headers=basic_auth("mat", "1"))
    >>> request.registry = make_wsgi_app().registry
    >>> user_id(request)
    'basicauth:...'
    """
    identity = identify(request)
    return identity.user_id if identity else None


def who(request: Request) -> Who:
    """Who sends the request, as the permissions know them; their groups are looked up with each question.

    >>> from cliquet.testing.app import make_wsgi_app
    >>> request = Request.blank("/")
    >>> request.registry = make_wsgi_app().registry
    >>> who(request).principals
    frozenset({'system.Everyone'})
    """
    found = user_id(request)
    return NOBODY if found is None else Who.user(found)


def load_policies(settings: Settings) -> dict[str, Policy]:
    """The policies that the settings name, in their order.

    :raises ConfigurationError: names the setting.

    >>> list(load_policies(Settings(multiauth_policies=("basicauth",))))
    ['basicauth']
    """
    return {name.lower(): _load(name, _options(settings, name)) for name in settings.multiauth_policies}


def _identify(request: Request) -> Identity | None:
    parts = components(request.registry)
    for name, policy in parts.policies.items():
        with parts.metrics.timer(f"authentication.{name}.unauthenticated_userid"):
            found = policy(request)
        if found:
            return Identity(name, found)
    return None


def _options(settings: Settings, name: str) -> dict[str, str]:
    beginning = f"multiauth.policy.{name}."
    return {key[len(beginning) :]: value for key, value in settings.families.items() if key.startswith(beginning)}


def _load(name: str, options: Mapping[str, str]) -> Policy:
    setting = f"multiauth.policy.{name}.use"
    dotted = options.get("use", name)
    try:
        found = DottedNameResolver().resolve(_BUILT_IN.get(dotted, dotted))
    except (ImportError, ValueError) as error:
        raise ConfigurationError(f"Setting {setting!r}: {dotted!r} cannot be imported ({error}).") from None
    others = {key: value for key, value in options.items() if key != "use"}
    policy: Any = _made(setting, found, others) if others or inspect.isclass(found) else found
    if not callable(policy):
        raise ConfigurationError(f"Setting {setting!r}: {dotted!r} is not a function that takes a request.")
    result: Policy = policy
    return result


def _made(setting: str, factory: Any, options: Mapping[str, str]) -> Any:
    try:
        return factory(**options)
    except TypeError as error:
        raise ConfigurationError(f"Setting {setting!r}: {error}.") from None


@lru_cache(maxsize=8)
def _keyed(secret: str) -> hmac.HMAC:
    """A digest that the key is in already."""
    return hmac.new(secret.encode(), digestmod="sha256")


def _text(raw: bytes) -> str:
    """UTF-8, or Latin-1 from clients that know no better."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
