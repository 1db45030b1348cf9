"""``/quota``: how much is stored in a record and below it, for who may read it."""

from __future__ import annotations

import colander

from cliquet.resource import Anything, ShareableResource

__all__ = ["Quota", "QuotaSchema"]


class QuotaSchema(Anything):
    """The fields of all rows; beside them there is a count for each resource below."""

    uri = colander.SchemaNode(colander.String())
    resource_name = colander.SchemaNode(colander.String())
    storage_size = colander.SchemaNode(colander.Integer())


class Quota(ShareableResource):
    """How much is stored: one entry for each record that others are below."""

    schema = QuotaSchema
