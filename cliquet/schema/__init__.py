"""Schemas of records: what a field is, and how a record is validated."""

from cliquet.schema.fields import URL, Boolean, IndexedFields, TimeStamp
from cliquet.schema.record import Anything, ResourceSchema
from cliquet.schema.validator import Validator

__all__ = ["URL", "Anything", "Boolean", "IndexedFields", "ResourceSchema", "TimeStamp", "Validator"]
