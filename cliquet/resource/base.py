"""Resources: what an application inherits from, declares, and may override."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pyramid.request import Request

from cliquet.database.transaction import Transaction
from cliquet.errors import InvalidInput, NotAuthenticated
from cliquet.ids import Drawn, Generator
from cliquet.model.access import Level
from cliquet.model.model import Model
from cliquet.model.sharing import NotShared, Sharing
from cliquet.protocol import page
from cliquet.resource import hooks
from cliquet.resource.context import Context
from cliquet.resource.policy import Access, Private
from cliquet.rest import patch, read, write
from cliquet.rest.call import Call, Reply, Rules
from cliquet.schema.record import ResourceSchema
from cliquet.web.authentication import user_id
from cliquet.web.calls import parameters

if TYPE_CHECKING:
    from functools import cached_property as reify
else:
    # That of the standard library takes a lock that all requests share, up to Python 3.11.
    from pyramid.decorator import reify

__all__ = ["Resource", "UserResource"]


class Resource:
    """What all resources have in common; see :class:`UserResource` and :class:`cliquet.resource.ShareableResource`.

    A subclass names a ``schema`` and is registered with :func:`cliquet.resource.register`. It may override
    :meth:`process_record`, :meth:`get_parent_id`, and the methods named after the endpoints, which return a
    :class:`~cliquet.rest.call.Reply`, or a dict that is sent as it is.

    :param request: the request.
    :param context: what was made of the declarations, once.

    >>> from cliquet.testing.app import make_app
    >>> class Memo(Resource):
    ...     access = Private()
    ...     def process_record(self, new, old=None):
    ...         return {**new, "version": 1 if old is None else old["version"] + 1}
    ...     def get_parent_id(self, request):
    ...         return "all"
    >>> alice = make_app(resources=[Memo])
    >>> alice.post_json("/v1/memos", {"data": {}}).json["data"]["version"]
    1
    """

    #: The schema of the records: a class or an instance. ``mapping`` is the older name of the same.
    schema: Any = None
    mapping: Any = ResourceSchema
    #: A record that the schema accepts, to show people how; ``cliquet start`` prints a line that stores it.
    example: Mapping[str, Any] | None = None
    #: Makes and recognises ids; ``None`` is the one of the settings.
    id_generator: Generator | type[Generator] | None = None
    #: Who may do what.
    access: Access = Private()
    #: Whether records have permissions.
    is_shared: bool = False

    def __init__(self, request: Request, context: Context) -> None:
        self.request = request
        self.context = context
        self.transaction: Transaction = Transaction()
        self.granted: Sharing = NotShared()
        #: Whether all that the request is going to ask was asked, together with what others ask.
        self.is_foreseen = False
        self.reading: Callable[[Resource, Request], Call] = lambda one, request: Call()

    # What applications override

    def process_record(self, new: dict[str, Any], old: dict[str, Any] | None = None) -> dict[str, Any]:
        """The application's last word on a record before it is stored.

        :param new: the record as the schema made it, with its id.
        :param old: what it replaces.
        :returns: the record to store. To refuse it, call :func:`cliquet.errors.raise_invalid`.
        """
        return new

    def get_parent_id(self, request: Request) -> str:
        """Whose, or below what the records are."""
        return ""

    def cache_seconds(self) -> int | None:
        """How long anybody may keep the answer to an anonymous reader; ``None`` is not at all.

        The settings say it for a resource, or for the records below one record: the longest match counts.
        """
        ids = [level.uri.rpartition("/")[2] for level in self.above]
        names = [
            ".".join([*ids[:end], f"{self.context.name}_cache_expires_seconds"]) for end in range(len(ids), -1, -1)
        ]
        families = self.context.parts.settings.families
        return next((int(families[name]) for name in names if name in families), None)

    # The endpoints

    def collection_get(self) -> Reply | Mapping[str, Any]:
        """A page of records."""
        return read.page(self.model, self.sharing, self.call)

    def collection_head(self) -> Reply | Mapping[str, Any]:
        """How many records there are."""
        return read.count(self.model, self.sharing, self.call)

    def collection_post(self) -> Reply | Mapping[str, Any]:
        """A new record."""
        return write.create(self.model, self.rules, self.sharing, self.call)

    def collection_delete(self) -> Reply | Mapping[str, Any]:
        """The end of a page of records."""
        return write.delete_page(self.model, self.sharing, self.call)

    def get(self) -> Reply | Mapping[str, Any]:
        """One record."""
        return read.get(self.model, self.sharing, self.call, self.record_id)

    def put(self) -> Reply | Mapping[str, Any]:
        """One record, created or replaced."""
        return write.replace(self.model, self.rules, self.sharing, self.call, self.record_id)

    def patch(self) -> Reply | Mapping[str, Any]:
        """One record, changed."""
        return patch.change(self.model, self.rules, self.sharing, self.call, self.record_id)

    def delete(self) -> Reply | Mapping[str, Any]:
        """The end of one record."""
        return write.delete(self.model, self.sharing, self.call, self.record_id)

    # What they work with

    @reify
    def record_id(self) -> str:
        """The id in the URL."""
        return self.context.reader.record_id(self.request)

    @reify
    def parent_id(self) -> str:
        """Whose, or below what the records of this request are."""
        return self.get_parent_id(self.request)

    @property
    def model(self) -> Model:
        """The records of this request's scope, in its transaction."""
        return self.context.model(self.parent_id, transaction=self.transaction, ids=self.ids)

    @reify
    def ids(self) -> Drawn:
        """Makes ids for new records; the first one is the request's, however often it is read."""
        return Drawn(self.context.id_generator, self._first_id)

    @reify
    def named_id(self) -> str:
        """The id of the record that a POST names, or else the one that it is going to have."""
        try:
            named = (self.call.data or {}).get("id")
        except InvalidInput:
            named = None
        return named or self._first_id()

    def _first_id(self) -> str:
        environ = self.request.environ
        if "cliquet.new_id" not in environ:
            environ["cliquet.new_id"] = self.context.id_generator()
        new: str = environ["cliquet.new_id"]
        return new

    @property
    def sharing(self) -> Sharing:
        """The permissions on the records of this request's scope, in its transaction."""
        return self.granted.within(self.transaction)

    @reify
    def call(self) -> Call:
        """What the request asks for, read when it is first needed."""
        return self.reading(self, self.request)

    @reify
    def above(self) -> tuple[Level, ...]:
        """The records from the root down to the parent of those of this request.

        :raises RecordNotFound: when one of them can have no such id.
        """
        return self.context.levels(self.request.matchdict or {})

    @reify
    def list_path(self) -> str:
        """The path of the list, without the version."""
        return self.context.list_path.format(**(self.request.matchdict or {}))

    @property
    def rules(self) -> Rules:
        """What holds for every record."""
        validator, known = self.context.validator, self.context.reader.known
        return Rules(validator.validate, validator.readonly, self.process, self.context.max_bytes, known)

    def process(self, new: dict[str, Any], old: dict[str, Any] | None) -> dict[str, Any]:
        """The last words on a record: of the application, then of the plugins."""
        return hooks.run(self, self.process_record(new, old), old)

    @property
    def timestamp(self) -> int:
        """The time in ms of the collection."""
        return self.model.timestamp()

    @reify
    def binding(self) -> bytes:
        """What a page token of this request is good for."""
        return page.binding(self.request.path_info, self.parent_id, parameters(self.request))


class UserResource(Resource):
    """Records that are isolated by user: everybody has a space of their own, and nobody sees another one.

    >>> from cliquet.testing.app import make_app
    >>> class Memo(UserResource):
    ...     def process_record(self, new, old=None):
    ...         return {**new, "version": 1 if old is None else old["version"] + 1}
    >>> alice = make_app(resources=[Memo])
    >>> alice.post_json("/v1/memos", {"data": {}}).json["data"]["version"]
    1
    """

    def get_parent_id(self, request: Request) -> str:
        """Whose the records are: the prefixed id of the user.

        :raises NotAuthenticated: when nobody in particular asks.
        """
        found = user_id(request)
        if found is None:
            raise NotAuthenticated("anonymous")
        return found
