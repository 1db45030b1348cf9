"""The sections of ``docs/protocol`` that a case may come from, in the order of the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest

__all__ = ["PRIVATE", "SECTIONS", "TREE", "document", "section"]

Case = TypeVar("Case", bound=Callable[..., object])

#: ``page#anchor``, every one a heading of ``docs/protocol``: what a collection has to do, wherever it is.
SECTIONS = (
    "url-space#versions",
    "url-space#redirects",
    "url-space#routing",
    "url-space#utilities",
    "authentication#identities",
    "authentication#private-collections",
    "errors#envelope",
    "errors#table",
    "errors#order-of-checks",
    "timestamps#timeline",
    "timestamps#etag",
    "timestamps#tombstones",
    "timestamps#client-timestamps",
    "timestamps#horizon",
    "preconditions#if-none-match",
    "preconditions#if-match",
    "preconditions#syntax",
    "reading#records-and-lists",
    "reading#filters",
    "reading#operators",
    "reading#like",
    "reading#order-over-json",
    "reading#sorting",
    "reading#paging",
    "reading#fields",
    "reading#totals",
    "writing#post",
    "writing#put",
    "writing#patch",
    "writing#response-behavior",
    "writing#delete",
    "writing#delete-list",
    "writing#unique-fields",
    "writing#read-only-fields",
    "batch#requests",
    "batch#answers",
    "batch#inheritance",
    "batch#atomic",
    "body#json-dialect",
    "body#media-types",
    "body#limits",
    "headers#cors",
    "headers#caching",
    "headers#alert",
    "headers#backoff",
)

#: What only a collection of private records has to do.
PRIVATE = "authentication#private-collections"

#: What the tree of buckets has to do as well.
TREE = (
    "sharing#principals",
    "sharing#access-lists",
    "sharing#inheritance",
    "sharing#requests",
    "sharing#refusals",
    "sharing#lists",
    "sharing#answers",
    "sharing#creators-and-editors",
    "sharing#permissions-in-a-body",
    "sharing#groups",
    "buckets#resources",
    "buckets#identifiers",
    "buckets#permission-tree",
    "buckets#deletion",
    "buckets#default-bucket",
    "permissions-list#entries",
    "permissions-list#selection",
    "history#entries",
    "history#list",
    "history#snapshot",
    "json-schema#schemas",
    "json-schema#validation",
    "accounts#accounts",
    "accounts#signing-up",
    "accounts#signing-in",
    "accounts#validation-and-reset",
)


def section(name: str) -> Callable[[Case], Case]:
    """Mark a case with the section of ``docs/protocol`` that it checks.

    >>> section("reading#nothing")
    Traceback (most recent call last):
      ...
    ValueError: docs/protocol has no section 'reading#nothing'
    """
    if name not in SECTIONS + TREE:
        raise ValueError(f"docs/protocol has no section {name!r}")
    return pytest.mark.section(name)


def document(name: str) -> str:
    """Where to read the section.

    >>> document("reading#like")
    'docs/protocol/reading.md#like'
    """
    page, _, anchor = name.partition("#")
    return f"docs/protocol/{page}.md#{anchor}"
