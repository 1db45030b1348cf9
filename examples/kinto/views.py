"""Buckets, groups, collections and records: what is stored, and below what."""

import colander

from cliquet import ids, resource


class CollectionSchema(resource.Anything):
    cache_expires = colander.SchemaNode(colander.Integer(), validator=colander.Range(min=0), missing=colander.drop)
    indexes = resource.IndexedFields()


@resource.register(permissions=("read", "write", "collection:create", "group:create"))
class Bucket(resource.ShareableResource):
    schema = resource.Anything
    id_generator = ids.Short


@resource.register(under=Bucket)
class Group(resource.GroupResource):
    id_generator = ids.Short


@resource.register(under=Bucket, permissions=("read", "write", "record:create"))
class Collection(resource.ShareableResource):
    schema = CollectionSchema
    id_generator = ids.Short


@resource.register(under=Collection)
class Record(resource.ShareableResource):
    schema = resource.Anything
    id_generator = ids.Slug

    def cache_seconds(self) -> int | None:
        """What the settings say, or the collection, if that is longer."""
        seconds = [super().cache_seconds(), self.parent.get("cache_expires")]
        return max((one for one in seconds if one is not None), default=None)
