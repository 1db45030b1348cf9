"""Storage backends, and what they have in common."""

from cliquet.protocol.query import Filter, Query, Sort
from cliquet.storage.base import Count, Document, Edge, Everywhere, Head, Page, Scope, Storage, Tally

__all__ = [
    "Count",
    "Document",
    "Edge",
    "Everywhere",
    "Filter",
    "Head",
    "Page",
    "Query",
    "Scope",
    "Sort",
    "Storage",
    "Tally",
]
