"""Permission backends: who is in which group, and who may do what."""

from cliquet.permission.base import ACE, AUTHENTICATED, Objects, Permission

__all__ = ["ACE", "AUTHENTICATED", "Objects", "Permission"]
