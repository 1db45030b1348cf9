"""The settings of a service: one typed table, read from INI values and the environment."""

from cliquet.settings.read import Source, parse, refuse_unknown
from cliquet.settings.table import FAMILIES, REMOVED, Family, Row, Settings, rows

__all__ = ["FAMILIES", "REMOVED", "Family", "Row", "Settings", "Source", "parse", "refuse_unknown", "rows"]
