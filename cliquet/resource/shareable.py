"""Resources whose records have permissions, and may be below records of other resources."""

from __future__ import annotations

from typing import Any

import colander
from pyramid.request import Request

from cliquet.model.access import place
from cliquet.model.sharing import Shared
from cliquet.resource.base import Resource
from cliquet.resource.policy import SharedAccess
from cliquet.schema.record import Anything
from cliquet.web.authentication import who

__all__ = ["GroupResource", "GroupSchema", "ShareableResource"]


class ShareableResource(Resource):
    """Records that everybody may see and change who has the permission to (``docs/protocol/sharing``).

    The permissions on a record, or on a record above it, name principals: a user, a group, everybody. With
    ``register(under=...)`` the records are below those of another resource.

    >>> from cliquet.testing.app import make_app
    >>> class Shelf(ShareableResource):
    ...     schema = Anything
    >>> settings = {"permission_backend": "cliquet.permission.memory"}
    >>> alice = make_app({**settings, "shelf_create_principals": "system.Authenticated"}, resources=[Shelf])
    >>> body = {"data": {"color": "red"}, "permissions": {"read": ["system.Everyone"]}}
    >>> made = alice.post_json("/v1/shelfs", body).json
    >>> sorted(made["permissions"])
    ['read', 'write']
    >>> alice.as_user("bob").get(f"/v1/shelfs/{made['data']['id']}").json["data"]["color"]
    'red'
    """

    access = SharedAccess()
    is_shared = True

    def get_parent_id(self, request: Request) -> str:
        """The path of the parent; nothing at the root."""
        return self.above[-1].uri if self.above else ""

    @property
    def parent(self) -> dict[str, Any]:
        """The record that the records of this request are below; empty when there is none."""
        levels = self.context.levels(self.request.matchdict or {})
        if not levels:
            return {}
        scope, record_id = place(levels)
        return self.context.above[-1].model(scope.parent, transaction=self.transaction).get_record(record_id)

    def owner(self, record_id: str) -> str:
        """The principal that gets the permission to write a new record; empty for who creates it."""
        return ""

    def shared(self) -> Shared:
        """The permissions on the records of this request's scope."""
        parts = self.context.parts
        return Shared(
            parts.judge,
            self.context.storage,
            parts.tree.kinds[self.context.name],
            who(self.request),
            self.list_path,
            above=self.above,
            owner=self.owner,
            explicit=parts.settings.explicit_permissions,
            members=self.members_field,
            transaction=self.transaction,
        )

    #: The field that holds the members, when the records are groups.
    members_field: str = ""


def _check_member(node: Any, member: str) -> None:
    if member.startswith("/") or member == "system.Everyone":
        raise colander.Invalid(node, f"'{member}' is not a valid user ID.")


class GroupSchema(Anything):
    """The members of a group: prefixed ids of users, or ``system.Authenticated``.

    >>> from cliquet.schema.validator import Validator
    >>> Validator(GroupSchema).validate({"members": ["basicauth:alice"]})
    {'members': ['basicauth:alice']}
    """

    members = colander.SchemaNode(
        colander.Sequence(),
        colander.SchemaNode(colander.String(), validator=colander.All(colander.Length(1, 1024), _check_member)),
        missing=(),
        accepts_null=True,  # and refuses it: nobody empties a group by sending nothing
    )


class GroupResource(ShareableResource):
    """Groups of users: the path of a group is a principal that its members have.

    Membership ends with the group, however it goes, and so do the permissions that name it.

    >>> from cliquet.testing.app import make_app
    >>> class Team(GroupResource):
    ...     pass
    >>> settings = {"permission_backend": "cliquet.permission.memory"}
    >>> alice = make_app({**settings, "team_create_principals": "system.Authenticated"}, resources=[Team])
    >>> alice.post_json("/v1/teams", {"data": {"members": ["basicauth:bob"]}}).json["data"]["members"]
    ['basicauth:bob']
    """

    schema = GroupSchema
    members_field = "members"
