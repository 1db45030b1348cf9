"""The schema of the databases, its versions, and how to get from one to the next."""

from cliquet.database.migrations.upgrade import HEAD, check, upgrade

__all__ = ["HEAD", "check", "upgrade"]
