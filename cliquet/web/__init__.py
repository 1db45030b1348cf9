"""The first floor that knows Pyramid."""

from __future__ import annotations

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPException
from pyramid.renderers import JSON
from pyramid.tweens import EXCVIEW

from cliquet.protocol import body
from cliquet.web.errors import error_view
from cliquet.web.security import SecurityPolicy
from cliquet.web.versioning import missing

__all__ = ["includeme"]


def _dumps(value: object, **_: object) -> str:
    return body.encode(value).decode()


def includeme(config: Configurator) -> None:
    """Sets up what every service has."""
    config.include("cliquet.web.execution")
    config.include("cliquet.web.routes")
    config.include("cliquet.web.service")
    config.include("cliquet.web.directives")
    config.include("cliquet.web.predicates")
    config.set_security_policy(SecurityPolicy())
    config.add_renderer("json", JSON(serializer=_dumps))
    for kind in (Exception, HTTPException):
        config.add_exception_view(error_view, context=kind)
    config.add_notfound_view(missing)
    config.add_tween("cliquet.web.headers.tween_factory", over=EXCVIEW)
    config.include("cliquet.web.views")
