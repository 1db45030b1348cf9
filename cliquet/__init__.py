"""Cliquet: complete synchronisation services from twenty lines of declarations."""

from cliquet.bootstrap import initialize, load_default_settings
from cliquet.version import __version__
from cliquet.web.service import Service
from cliquet.web.views.hello import PROTOCOL_VERSION

__all__ = ["PROTOCOL_VERSION", "Service", "__version__", "initialize", "load_default_settings"]
