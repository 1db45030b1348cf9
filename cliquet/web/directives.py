"""What applications and plugins say to the configurator, and what requests offer them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from cliquet.web import subrequests
from cliquet.web.authentication import identify, user_id, who
from cliquet.web.components import components

__all__ = ["includeme"]


def add_api_capability(config: Configurator, identifier: str, description: str = "", url: str = "", **kw: Any) -> None:
    """Announce in hello what the service can do besides the protocol; declared twice is a conflict at start-up.

    :param identifier: its name, which clients look for.
    :param kw: more members of its entry.
    """

    def register() -> None:
        components(config.registry).capabilities[identifier] = {"description": description, "url": url, **kw}

    config.action(("cliquet capability", identifier), register)


def add_heartbeat(config: Configurator, name: str, check: Callable[[Any], bool | None]) -> None:
    """Add a check to ``__heartbeat__``.

    :param check: given the registry, answers true when fine, ``None`` when it does not apply; an error is false.
    """
    config.action(("cliquet heartbeat", name), lambda: components(config.registry).heartbeats.__setitem__(name, check))


def add_public_setting(config: Configurator, name: str, value: Any) -> None:
    """Show a setting in hello."""
    config.action(
        ("cliquet public setting", name),
        lambda: components(config.registry).public_settings.__setitem__(name, value),
    )


def get_user_info(request: Request) -> dict[str, Any] | None:
    """What hello says about the user; ``None`` for nobody in particular."""
    asking, parts = who(request), components(request.registry)
    if asking.user_id is None:
        return None
    if parts.permission is None:
        return {"id": asking.user_id}
    return {"id": asking.user_id, "principals": sorted(asking.principals | parts.judge.groups_of(asking))}


def _authn_type(request: Request) -> str | None:
    identity = identify(request)
    return identity.policy if identity else None


def _selected_userid(request: Request) -> str | None:
    identity = identify(request)
    return identity.name if identity else None


def _resource_name(request: Request) -> str | None:
    found: str | None = request.environ.get("cliquet.resource")
    return found


def _bound_data(request: Request) -> dict[str, Any]:
    """Shared by a batch and its sub-requests."""
    data: dict[str, Any] = request.environ.setdefault("cliquet.bound_data", {})
    return data


def includeme(config: Configurator) -> None:
    """Adds directives and request methods."""
    for directive in (add_api_capability, add_heartbeat, add_public_setting):
        config.add_directive(directive.__name__, directive)
    config.add_request_method(user_id, "prefixed_userid", property=True)
    config.add_request_method(_authn_type, "authn_type", property=True)
    config.add_request_method(_selected_userid, "selected_userid", property=True)
    config.add_request_method(_resource_name, "current_resource_name", property=True)
    config.add_request_method(_bound_data, "bound_data", property=True)
    config.add_request_method(get_user_info)
    config.add_request_method(subrequests.follow, "follow_subrequest")
