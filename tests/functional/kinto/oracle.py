"""What the protocol's table says about every cell of the permission matrix."""

from __future__ import annotations

from typing import NamedTuple

READ, WRITE = {"read", "write"}, {"write"}
#: (resource, permission) -> the permissions that grant it, by the resource on whose record they are stored.
TABLE: dict[tuple[str, str], dict[str, set[str]]] = {
    ("", "bucket:create"): {"": {"bucket:create"}},
    ("bucket", "write"): {"bucket": WRITE},
    ("bucket", "read"): {"bucket": READ},
    ("bucket", "read:attributes"): {"bucket": READ | {"collection:create", "group:create"}},
    ("bucket", "collection:create"): {"bucket": {"write", "collection:create"}},
    ("bucket", "group:create"): {"bucket": {"write", "group:create"}},
    ("collection", "write"): {"bucket": WRITE, "collection": WRITE},
    ("collection", "read"): {"bucket": READ, "collection": READ},
    ("collection", "read:attributes"): {"bucket": READ, "collection": READ | {"record:create"}},
    ("collection", "record:create"): {"bucket": WRITE, "collection": {"write", "record:create"}},
    ("group", "write"): {"bucket": WRITE, "group": WRITE},
    ("group", "read"): {"bucket": READ, "group": READ},
    ("record", "write"): {"bucket": WRITE, "collection": WRITE, "record": WRITE},
    ("record", "read"): {"bucket": READ, "collection": READ, "record": READ},
}
PARENTS = {"bucket": "", "collection": "bucket", "group": "bucket", "record": "collection"}
LISTS = {"list": "read", "count": "read", "delete list": "write"}


class Cell(NamedTuple):
    """A permission on a level, whether the caller has it, by a setting or not, and what they ask for."""

    level: str
    permission: str
    held: bool
    by_setting: bool
    anonymous: bool
    verb: str
    target: str
    parent_exists: bool


def expected(cell: Cell) -> int:
    """The status of the answer."""
    verb, target, parent = cell.verb, cell.target, PARENTS[cell.target]
    exists = cell.parent_exists and "missing" not in verb
    on_path = {target} if exists and verb not in (*LISTS, "post") else set()
    on_path |= ({parent} if cell.parent_exists else set()) | ({PARENTS[parent]} if parent else set())

    def may(resource: str, permission: str) -> bool:
        granting = TABLE.get((resource, permission), {}).get(cell.level, set())
        return cell.held and cell.permission in granting and (cell.by_setting or cell.level in on_path)

    def answer(status: int, *, allowed: bool) -> int:
        there = status if cell.parent_exists else 404
        return there if allowed else 401 if cell.anonymous else 403

    read, write, create = may(target, "read"), may(target, "write"), may(parent, f"{target}:create")
    attributes = read or may(target, "read:attributes")
    lists = may(parent, "read") or (cell.by_setting and read)
    if verb in LISTS:
        directly = cell.held and cell.level == target and cell.permission in TABLE[target, LISTS[verb]][target]
        everything = may(parent, LISTS[verb]) or (cell.by_setting and may(target, LISTS[verb]))
        return answer(200, allowed=everything or create or (directly and cell.parent_exists))
    if verb in ("post", "put missing") or (not exists and verb in ("put", "put new", "post existing")):
        return answer(201, allowed=create)
    if verb in ("get", "get missing", "post existing"):
        return answer(200 if exists else 404, allowed=attributes)
    if verb in ("put", "put new"):
        return answer(412 if verb == "put new" else 200, allowed=write or (verb == "put new" and create))
    return answer(200 if exists else 404, allowed=write or (not exists and lists))
