"""What applications import to declare resources."""

from cliquet.model.model import Model
from cliquet.resource.base import Resource, UserResource
from cliquet.resource.hooks import Draft, add_record_hook
from cliquet.resource.register import add_permission_rule, add_resource, model_of, register, register_resource
from cliquet.resource.shareable import GroupResource, GroupSchema, ShareableResource
from cliquet.resource.viewset import ViewSet
from cliquet.rest.call import Call, Reply
from cliquet.schema import URL, Anything, Boolean, IndexedFields, ResourceSchema, TimeStamp
from cliquet.storage.base import Storage

__all__ = [
    "URL",
    "Anything",
    "Boolean",
    "Call",
    "Draft",
    "GroupResource",
    "GroupSchema",
    "IndexedFields",
    "Model",
    "Reply",
    "Resource",
    "ResourceSchema",
    "ShareableResource",
    "Storage",
    "TimeStamp",
    "UserResource",
    "ViewSet",
    "add_permission_rule",
    "add_record_hook",
    "add_resource",
    "model_of",
    "register",
    "register_resource",
]
