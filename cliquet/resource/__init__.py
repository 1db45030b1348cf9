"""What applications import to declare resources."""

from cliquet.model.model import Model
from cliquet.resource.base import UserResource
from cliquet.resource.register import add_resource, model_of, register, register_resource
from cliquet.resource.viewset import ViewSet
from cliquet.rest.call import Call, Reply
from cliquet.schema import URL, Anything, Boolean, ResourceSchema, TimeStamp
from cliquet.storage.base import Storage

__all__ = [
    "URL",
    "Anything",
    "Boolean",
    "Call",
    "Model",
    "Reply",
    "ResourceSchema",
    "Storage",
    "TimeStamp",
    "UserResource",
    "ViewSet",
    "add_resource",
    "model_of",
    "register",
    "register_resource",
]
