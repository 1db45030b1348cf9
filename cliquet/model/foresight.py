"""What requests are going to ask of the backends, asked at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cliquet.database.question import Inquiry, Question, ask
from cliquet.database.transaction import Transaction
from cliquet.model.judge import NO_GROUNDS, NOBODY, Grounds, Who
from cliquet.permission.base import Permission
from cliquet.protocol.query import Query
from cliquet.storage.base import Scope, Storage

__all__ = ["Listing", "Outlook", "look"]


class Listing(NamedTuple):
    """A list that will be read, as a whole or only the records that are shared one by one.

    :param parent: the path of the list.
    :param permissions: one of these has to be held on a record to see it, where the list as a whole is not allowed.
    :param open: whether it is allowed already.
    :param usual: whether it was allowed the last time, so that it does not pay to ask what else there is.
    :param total: whether only the number of records is asked for.
    """

    scope: Scope
    query: Query
    parent: str
    permissions: frozenset[str]
    open: bool = False
    usual: bool = False
    total: bool = False


class Outlook(NamedTuple):
    """What one request will ask; what is missing here costs a statement of its own, and what is too much does no harm.

    :param who: the caller.
    :param grounds: what would be enough for the request; the caller may have some of it.
    :param objects: those whose ACEs will be read.
    :param groups: those whose members will be set.
    :param records: by scope and id.
    :param scopes: those that will be locked.
    :param listing: the list that is allowed as a whole on these grounds.

    >>> Outlook().grounds.pairs
    ()
    """

    who: Who = NOBODY
    grounds: Grounds = NO_GROUNDS
    objects: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    records: tuple[tuple[Scope, str], ...] = ()
    scopes: tuple[Scope, ...] = ()
    listing: Listing | None = None


def look(storage: Storage, permission: Permission, transaction: Transaction, *outlooks: Outlook) -> None:
    """Ask for what is not known, with one statement where the backends can do that; the transaction knows it then.

    When something is to be locked, and others change it before it is, the same is asked again.
    """
    _look(storage, permission, transaction, outlooks)
    if any(one.scopes for one in outlooks):
        transaction.looked(lambda: _look(storage, permission, transaction, outlooks))


def _look(storage: Storage, permission: Permission, transaction: Transaction, outlooks: Sequence[Outlook]) -> None:
    records = [place for one in outlooks for place in one.records]
    scopes = [scope for one in outlooks for scope in one.scopes]
    always = list(storage.foresee(transaction, records=records, scopes=scopes))
    if len(outlooks) == 1 and outlooks[0].listing is not None:
        ask(_of_list(storage, permission, transaction, outlooks[0], outlooks[0].listing, always))
    else:
        ask(Inquiry((*always, *_of_people(permission, transaction, outlooks))))


def _of_people(permission: Permission, transaction: Transaction, outlooks: Sequence[Outlook]) -> Iterator[Question]:
    for who in {one.who: None for one in outlooks}:
        theirs = [one for one in outlooks if one.who is who or one.who == who]
        found = permission.foresee(
            transaction,
            wanted=[pair for one in theirs for pair in one.grounds.pairs],
            principals=who.principals,
            user_id=who.user_id,
            named=[group for one in theirs for group in one.grounds.groups],
            objects=[uri for one in theirs for uri in one.objects],
            groups=[uri for one in theirs for uri in one.groups],
        )
        if found.held is not None:
            yield found.held
        yield from found.others


def _of_list(
    storage: Storage,
    permission: Permission,
    transaction: Transaction,
    one: Outlook,
    listing: Listing,
    always: Sequence[Question],
) -> Inquiry:
    """The whole list for those who may see it; for others, which records are shared with them."""
    page = storage.foresee_page(transaction, listing.scope, listing.query, count=listing.total)
    pages = (page,) if page is not None else ()
    principals, user = one.who.principals, one.who.user_id
    pairs, groups, _ = one.grounds
    known = permission.foresee(transaction, wanted=pairs, principals=principals, user_id=user, named=groups)
    if listing.open or known.granted:
        return Inquiry((*always, *pages))
    if known.held is not None and listing.usual:
        return Inquiry(tuple(always), known.held, pages)
    place = listing.parent, listing.permissions, principals
    ids = (
        permission.accessible_ids(*place, user_id=user, transaction=transaction) if permission.foresees else frozenset()
    )
    some = permission.foresee_accessible(transaction, *place, user_id=user, some=storage.finds(ids))
    shared = (some,) if some is not None else ()
    return Inquiry((*always, *shared)) if known.held is None else Inquiry(tuple(always), known.held, pages, shared)
