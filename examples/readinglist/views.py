"""Articles: twenty lines of declarations, and the rules of reading."""

from typing import Any

import colander

from cliquet import clock, resource
from cliquet.errors import raise_invalid
from cliquet.resource import URL, Boolean, TimeStamp
from readinglist.fields import DeviceName, Title


class ArticleSchema(resource.ResourceSchema):
    url = URL()
    preview = URL(missing=None)
    title = colander.SchemaNode(Title())
    added_by = DeviceName()
    added_on = TimeStamp()
    stored_on = TimeStamp()
    archived = colander.SchemaNode(Boolean(), missing=False)
    favorite = colander.SchemaNode(Boolean(), missing=False)
    unread = colander.SchemaNode(Boolean(), missing=True)
    is_article = colander.SchemaNode(Boolean(), missing=True)
    excerpt = colander.SchemaNode(colander.String(), missing="")
    read_position = colander.SchemaNode(colander.Integer(), validator=colander.Range(min=0), missing=0)
    marked_read_by = DeviceName(missing=None)
    marked_read_on = TimeStamp(auto_now=False)
    word_count = colander.SchemaNode(colander.Integer(), missing=None)
    resolved_url = URL(missing=None)
    resolved_title = colander.SchemaNode(Title(), missing=None)

    class Options:
        unique_fields = ("url", "resolved_url")
        readonly_fields = ("url", "stored_on")


@resource.register(record_methods=("GET", "PATCH", "DELETE"))
class Article(resource.UserResource):
    schema = ArticleSchema
    example = {"title": "MDN", "url": "https://developer.mozilla.org/", "added_by": "laptop"}

    def process_record(self, new: dict[str, Any], old: dict[str, Any] | None = None) -> dict[str, Any]:
        """The rules of reading: who read first is remembered, and reading goes forward."""
        new = {**new, **_read(new, old)} if old else {**new, "stored_on": clock.now()}
        new["resolved_title"] = new["title"] if new["resolved_title"] is None else new["resolved_title"]
        new["resolved_url"] = new["url"] if new["resolved_url"] is None else new["resolved_url"]
        return new


def _read(new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """What an update makes of the fields about reading."""
    if new["unread"] and not old["unread"]:
        return {"marked_read_by": None, "marked_read_on": None, "read_position": 0}
    if old["unread"] and not new["unread"] and new["marked_read_on"] is None and new["marked_read_by"] is None:
        raise_invalid(name="data.unread", description="Missing marked_read_by or marked_read_on: which device, when?")
    first = {} if old["unread"] else {name: old[name] for name in ("marked_read_by", "marked_read_on")}
    return {**first, "read_position": max(new["read_position"], old["read_position"])}
