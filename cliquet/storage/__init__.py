"""Storage backends, and what they have in common."""

from cliquet.protocol.query import Filter, Query, Sort
from cliquet.storage.base import Count, Document, Head, Page, Scope, Storage

__all__ = ["Count", "Document", "Filter", "Head", "Page", "Query", "Scope", "Sort", "Storage"]
