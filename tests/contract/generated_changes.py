"""Generated changes of permissions, with names that are easily mistaken for each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from cliquet.database.transaction import Transaction
from cliquet.permission.base import AUTHENTICATED, Permission
from cliquet.testing.permission.base import LOOKALIKES

__all__ = ["NAMES", "OBJECTS", "PERMISSIONS", "PRINCIPALS", "Step", "blocks", "run"]

Step = Callable[[Permission, Transaction | None], None]

NAMES = ("b", "b0", "b_", "b%", "B", *LOOKALIKES[:3], "é")
#: Objects of several depths; the lists they are in.
OBJECTS = [
    path for name in NAMES for path in (f"/x/{name}", f"/x/{name}/y/{name}", f"/x/b/y/{name}", f"/x/b/y/{name}/z/1")
]
PERMISSIONS = ("read", "write", "y:create", "a_b", "a%b")
#: Users and groups; some groups are objects.
PRINCIPALS = ("alice", "al_ce", "Alice", "é", AUTHENTICATED, "/x/b/y/b", "/x/b_/y/b_", "/x/b", "/x/b0/y/b0")

_objects = st.sampled_from(OBJECTS)
_permissions = st.sampled_from(PERMISSIONS)
_principals = st.sampled_from(PRINCIPALS)
_several = st.lists(_principals, max_size=4)

#: Methods, and what they are called with.
_CALLS: dict[str, st.SearchStrategy[tuple[Any, ...]]] = {
    "grant": st.tuples(_objects, _permissions, _principals),
    "revoke": st.tuples(_objects, _permissions, _principals),
    "replace": st.tuples(_objects, st.dictionaries(_permissions, _several, max_size=4)),
    "delete": st.lists(_objects, max_size=3).map(tuple),
    "delete_under": st.tuples(_objects),
    "add_member": st.tuples(_principals, _principals),
    "remove_member": st.tuples(_principals, _principals),
    "set_members": st.tuples(_principals, _several),
    "remove_group": st.tuples(_principals),
    "remove_groups_under": st.tuples(st.sampled_from(["/x/b", "/x", "/x/b0", "/x/b_", "", "al"])),
    "erase": st.tuples(_principals),
}
#: Additions are tried more often, so that there is something to remove.
_NAMES = ("grant", "replace", "replace", "replace", "set_members", "add_member")


@st.composite
def _calls(draw: st.DrawFn) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    name = draw(st.one_of(st.sampled_from(_NAMES), st.sampled_from(sorted(_CALLS))))
    options = {"inclusive": draw(st.booleans())} if name == "delete_under" else {}
    return name, draw(_CALLS[name]), options


#: Some calls, some of them in a block that is undone.
blocks = st.lists(st.tuples(st.lists(_calls(), min_size=1, max_size=5), st.booleans()), min_size=1, max_size=4)


def run(permission: Permission, plan: list[Any], transaction: Transaction) -> None:
    """Make generated changes in a transaction."""
    for calls, undone in plan:
        with transaction.savepoint() as point:
            for name, arguments, options in calls:
                getattr(permission, name)(*arguments, **options, transaction=transaction)
            if undone:
                point.undo()
