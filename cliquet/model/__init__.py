"""Records of one scope, with their rules."""

from cliquet.model.model import Model

__all__ = ["Model"]
