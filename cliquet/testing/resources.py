"""The resources of the small application that tests are run against."""

from __future__ import annotations

import colander

from cliquet import resource

__all__ = ["Mushroom", "MushroomSchema", "Note", "Psilo", "PsiloSchema"]


class MushroomSchema(resource.ResourceSchema):
    """A closed schema with one required field, and rules."""

    name = colander.SchemaNode(colander.String())
    latin = colander.SchemaNode(colander.String(), missing=None)
    origin = colander.SchemaNode(colander.String(), missing="")

    class Options:
        """No two mushrooms share a Latin name, and none moves."""

        unique_fields = ("latin",)
        readonly_fields = ("origin",)


@resource.register()
class Mushroom(resource.UserResource):
    """Records with a required ``name``, a unique ``latin`` and a read-only ``origin``."""

    schema = MushroomSchema


@resource.register()
class Note(resource.UserResource):
    """Records with any fields."""

    schema = resource.Anything


class PsiloSchema(resource.ResourceSchema):
    """A closed schema in which every field has a default."""

    name = colander.SchemaNode(colander.String(), missing="Unknown")
    edible = colander.SchemaNode(resource.Boolean(), missing=True)
    size = colander.SchemaNode(colander.Integer(), missing=-1)


@resource.register()
class Psilo(resource.UserResource):
    """Records that may be created empty. ``mapping`` is the older spelling of ``schema``."""

    mapping = PsiloSchema()
