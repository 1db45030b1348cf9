"""What applications and plugins say to the configurator, and what requests offer them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from cliquet.storage.base import Scope
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


def add_purge(config: Configurator, name: str, work: Callable[[], int]) -> None:
    """Let ``cliquet purge`` forget more than tombstones.

    :param name: what is forgotten, for a person to read.
    :param work: forgets it, and answers how much it was.
    """
    config.action(("cliquet purge", name), lambda: components(config.registry).purges.__setitem__(name, work))


def add_public_setting(config: Configurator, name: str, value: Any) -> None:
    """Show a setting in hello."""
    config.action(
        ("cliquet public setting", name),
        lambda: components(config.registry).public_settings.__setitem__(name, value),
    )


def add_hello_member(config: Configurator, name: str, value: Any) -> None:
    """Let hello have one more member, for clients that know it from elsewhere; what the protocol has stays as it is.

    :param value: its JSON value, which everybody may see.
    """
    config.action(("cliquet hello", name), lambda: components(config.registry).hello.__setitem__(name, value))


def add_user_info(config: Configurator, name: str, tell: Callable[[Any, str], Any]) -> None:
    """Let hello say more about the user.

    :param name: the member of ``user``.
    :param tell: given the registry and the prefixed id of the user, answers its value.
    """
    config.action(("cliquet user info", name), lambda: components(config.registry).user_info.__setitem__(name, tell))


def add_write_plan(config: Configurator, route: str, plan: Callable[[Any], Sequence[Scope]]) -> None:
    """Say what requests at a route may write, so that a batch takes its locks in order; also when they only read.

    Routes of resources need none.

    :param route: the name of the route.
    :param plan: given a request, answers the scopes; none when it writes nothing.
    """
    config.action(("cliquet write plan", route), lambda: components(config.registry).plans.__setitem__(route, plan))


_DIRECTIVES: tuple[Callable[..., None], ...] = (
    *(add_api_capability, add_heartbeat, add_hello_member, add_public_setting, add_purge, add_user_info),
    add_write_plan,
)


def get_user_info(request: Request) -> dict[str, Any] | None:
    """What hello says about the user; ``None`` for nobody in particular."""
    asking, parts = who(request), components(request.registry)
    if asking.user_id is None:
        return None
    found: dict[str, Any] = {"id": asking.user_id}
    if parts.permission is not None:
        found["principals"] = sorted(asking.principals | parts.judge.groups_of(asking))
    return found | {name: tell(request.registry, asking.user_id) for name, tell in parts.user_info.items()}


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
    for directive in _DIRECTIVES:
        config.add_directive(directive.__name__, directive)
    config.add_request_method(user_id, "prefixed_userid", property=True)
    config.add_request_method(_authn_type, "authn_type", property=True)
    config.add_request_method(_selected_userid, "selected_userid", property=True)
    config.add_request_method(_resource_name, "current_resource_name", property=True)
    config.add_request_method(_bound_data, "bound_data", property=True)
    config.add_request_method(get_user_info)
    config.add_request_method(subrequests.follow, "follow_subrequest")
