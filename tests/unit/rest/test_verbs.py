"""The verbs, given values: what they answer, and what they leave behind."""

from __future__ import annotations

from typing import Any

import pytest

from cliquet.errors import InvalidInput, NotModified, PreconditionFailed, RecordNotFound, UnicityError
from cliquet.model import Model
from cliquet.model.sharing import NotShared
from cliquet.protocol import patch as forms
from cliquet.protocol.preconditions import Preconditions
from cliquet.protocol.query import Filter, Query, Sort, total_order
from cliquet.rest import patch, read, write
from cliquet.rest.call import Call, Reply, Rules
from cliquet.storage.base import Document
from cliquet.storage.memory import MemoryStorage

NOW = 1_700_000_000_000
RULES = Rules()
OPEN = NotShared()


@pytest.fixture
def model() -> Model:
    return Model(MemoryStorage(clock=lambda: NOW), resource="note", parent="alice", unique_fields=("slug",))


def data(reply: Reply) -> dict[str, Any]:
    """The record of a reply."""
    assert isinstance(reply.data, Document)
    return reply.data.data


def call(when: Preconditions | None = None, **record: Any) -> Call:
    return Call(data=record, given=frozenset(record), when=when or Preconditions())


def change(model: Model, record_id: str, rules: Rules = RULES, behavior: str = "full", **fields: Any) -> Reply:
    return patch.change(model, rules, OPEN, Call(change={"data": fields}, behavior=behavior), record_id)


# Reading


def test_one_record_is_answered_with_its_time(model: Model) -> None:
    document = model.create({"id": "a", "n": 1})
    assert read.get(model, OPEN, Call(), "a") == Reply(document, document.last_modified)
    assert read.get(model, OPEN, Call(fields=("n",)), "a").data == {"id": "a", "last_modified": NOW, "n": 1}


def test_a_missing_record_is_not_found_unless_something_is_required_of_it(model: Model) -> None:
    with pytest.raises(RecordNotFound):
        read.get(model, OPEN, Call(when=Preconditions(if_none_match="*")), "a")
    for when in (Preconditions(if_match=1), Preconditions(if_match="*")):
        with pytest.raises(PreconditionFailed):
            read.get(model, OPEN, Call(when=when), "a")
        with pytest.raises(PreconditionFailed):
            write.delete(model, OPEN, Call(when=when), "a")
        with pytest.raises(PreconditionFailed):
            patch.change(model, RULES, OPEN, Call(change={"data": {}}, when=when), "a")


def test_what_the_client_has_is_not_sent_again(model: Model) -> None:
    model.create({"id": "a"})
    for when in (Preconditions(if_none_match=NOW), Preconditions(if_none_match="*")):
        with pytest.raises(NotModified):
            read.get(model, OPEN, Call(when=when), "a")
        with pytest.raises(NotModified):
            read.page(model, OPEN, Call(when=when))
        with pytest.raises(NotModified):
            read.count(model, OPEN, Call(when=when))
    assert read.get(model, OPEN, Call(when=Preconditions(if_none_match=NOW + 1)), "a").timestamp == NOW


def test_a_page_that_is_not_the_last_says_where_it_ends(model: Model) -> None:
    for name in "abc":
        model.create({"id": name})
    query = Query(sort=total_order([Sort("id")]), limit=2)
    reply = read.page(model, OPEN, Call(query=query))
    assert isinstance(reply.data, list)
    assert [one.id for one in reply.data] == ["a", "b"]
    assert reply.after == query.position(reply.data[-1].data)
    assert read.page(model, OPEN, Call(query=Query(limit=3))).after is None


def test_a_count_has_no_records(model: Model) -> None:
    for name in "abc":
        model.create({"id": name})
    assert read.count(model, OPEN, Call(query=Query(limit=1))) == Reply(None, NOW + 2, total=3)


# Creating


def test_a_new_record_gets_an_id_and_a_time(model: Model) -> None:
    reply = write.create(model, RULES, OPEN, call(n=1))
    assert (reply.created, reply.timestamp, data(reply)["n"]) == (True, NOW, 1)
    assert model.get(data(reply)["id"]) == reply.data


def test_an_id_in_use_answers_its_record_without_asking_the_hook(model: Model) -> None:
    existing = model.create({"id": "a"})

    def hook(new: dict[str, Any], old: dict[str, Any] | None) -> dict[str, Any]:
        raise AssertionError

    assert write.create(model, Rules(process=hook), OPEN, call(id="a", n=2)) == Reply(existing, NOW)


def test_a_unique_value_in_use_answers_its_record(model: Model) -> None:
    existing = model.create({"id": "a", "slug": "x"})
    assert write.create(model, RULES, OPEN, call(slug="x")) == Reply(existing, NOW)
    assert model.timestamp() == NOW


def test_a_creation_depends_on_the_record_with_its_id(model: Model) -> None:
    model.create({"id": "a"})
    with pytest.raises(PreconditionFailed) as found:
        write.create(model, RULES, OPEN, call(Preconditions(if_none_match="*"), id="a"))
    assert (found.value.timestamp, found.value.existing) == (NOW, {"id": "a", "last_modified": NOW})
    with pytest.raises(PreconditionFailed):
        write.create(model, RULES, OPEN, call(Preconditions(if_match=NOW), n=1))
    assert write.create(model, RULES, OPEN, call(Preconditions(if_none_match="*"), id="b")).created


# Replacing


def test_a_replacement_leaves_nothing_of_the_old_but_read_only_fields(model: Model) -> None:
    model.create({"id": "a", "n": 1, "born": 5})
    reply = write.replace(model, Rules(readonly=("born",)), OPEN, call(m=2), "a")
    assert data(reply) == {"id": "a", "last_modified": NOW + 1, "m": 2, "born": 5}
    assert not reply.created


def test_a_replacement_of_nothing_creates(model: Model) -> None:
    assert write.replace(model, RULES, OPEN, call(n=1), "a").created
    model.delete("a")
    assert write.replace(model, RULES, OPEN, call(Preconditions(if_none_match="*")), "a").created


def test_a_read_only_field_is_not_replaced(model: Model) -> None:
    model.create({"id": "a", "born": 5, "empty": None})
    rules = Rules(readonly=("born", "empty", "later"))
    with pytest.raises(InvalidInput, match="Cannot modify born"):
        write.replace(model, rules, OPEN, call(born=6), "a")
    with pytest.raises(InvalidInput, match="Cannot modify empty"):
        change(model, "a", rules, empty=1)
    assert data(change(model, "a", rules, later=7))["later"] == 7
    assert data(write.replace(model, rules, OPEN, call(born=5.0), "a"))["born"] == 5


def test_the_hook_has_the_last_word_but_not_on_the_id(model: Model) -> None:
    seen: list[Any] = []

    def hook(new: dict[str, Any], old: dict[str, Any] | None) -> dict[str, Any]:
        seen.append((dict(new), old))
        return {"hooked": True, "id": "other"}

    rules = Rules(process=hook)
    write.replace(model, rules, OPEN, call(n=1), "a")
    write.replace(model, rules, OPEN, call(n=2), "a")
    stored = {"id": "a", "last_modified": NOW, "hooked": True}
    assert seen == [({"id": "a", "n": 1}, None), ({"id": "a", "n": 2}, stored)]
    assert model.get_records() == [{"id": "a", "last_modified": NOW + 1, "hooked": True}]


def test_what_a_hook_does_to_the_old_record_is_not_stored(model: Model) -> None:
    model.create({"id": "a", "tags": ["x"]})

    def hook(new: dict[str, Any], old: dict[str, Any] | None) -> dict[str, Any]:
        assert old is not None
        old["tags"].append("y")
        raise InvalidInput

    with pytest.raises(InvalidInput):
        write.replace(model, Rules(process=hook), OPEN, call(), "a")
    with pytest.raises(InvalidInput):
        change(model, "a", Rules(process=hook))
    assert model.get_record("a")["tags"] == ["x"]


def test_a_clash_of_a_change_names_the_field(model: Model) -> None:
    model.create({"id": "a", "slug": "x"})
    model.create({"id": "b", "slug": "y"})
    with pytest.raises(UnicityError) as found:
        write.replace(model, RULES, OPEN, call(slug="x"), "b")
    assert (found.value.field, found.value.record["id"]) == ("slug", "a")
    with pytest.raises(UnicityError):
        change(model, "b", slug="x")
    assert data(change(model, "a", slug="x", n=1))["n"] == 1


# Changing


def test_a_change_that_changes_nothing_writes_nothing(model: Model) -> None:
    document = model.create({"id": "a", "n": 1, "o": {"x": [1, 2]}})
    assert change(model, "a", n=1.0, o={"x": [1, 2]}) == Reply(document, NOW)
    assert change(model, "a", last_modified=5) == Reply(document, NOW)
    assert model.timestamp() == NOW


def test_a_change_of_type_is_a_change(model: Model) -> None:
    model.create({"id": "a", "n": 1})
    assert data(change(model, "a", n=True))["n"] is True
    assert data(change(model, "a", n="true"))["n"] == "true"


def test_a_change_may_be_dated_ahead(model: Model) -> None:
    model.create({"id": "a"})
    assert change(model, "a", last_modified=NOW + 50).timestamp == NOW + 50
    with pytest.raises(InvalidInput, match="last_modified"):
        change(model, "a", last_modified="soon")


def test_the_id_does_not_change(model: Model) -> None:
    model.create({"id": "a"})
    with pytest.raises(InvalidInput, match="id"):
        change(model, "a", id="b")
    remove = [{"op": "remove", "path": "/data/id"}]
    assert patch.change(model, RULES, OPEN, Call(change=remove, form=forms.JSON_PATCH), "a").timestamp == NOW


@pytest.mark.parametrize(("behavior", "shown"), [("light", {"n": 2, "hooked": 1}), ("diff", {"hooked": 1})])
def test_an_answer_may_be_what_changed_or_what_was_not_asked(
    model: Model, behavior: str, shown: dict[str, Any]
) -> None:
    model.create({"id": "a", "n": 1, "m": 1})
    rules = Rules(process=lambda new, old: {**new, "hooked": 1})
    assert change(model, "a", rules, behavior, n=2, m=1).data == shown


# Deleting


def test_a_deletion_answers_the_tombstone(model: Model) -> None:
    model.create({"id": "a"})
    assert data(write.delete(model, OPEN, Call(last_modified=NOW + 9), "a")) == {
        "id": "a",
        "last_modified": NOW + 9,
        "deleted": True,
    }


def test_a_page_is_deleted_as_it_was_read(model: Model) -> None:
    for n, name in enumerate("abcd"):
        model.create({"id": name, "n": n})
    query = Query((Filter("n", 1, "min"),), total_order([Sort("n")]), limit=2)
    reply = write.delete_page(model, OPEN, Call(query=query))
    assert isinstance(reply.data, list)
    assert [one.id for one in reply.data] == ["b", "c"]
    assert reply.timestamp == max(one.last_modified for one in reply.data) == model.timestamp()
    assert reply.after is not None
    assert [one["id"] for one in model.get_records()] == ["d", "a"]


def test_a_deletion_of_nothing_moves_nothing(model: Model) -> None:
    model.create({"id": "a"})
    assert write.delete_page(model, OPEN, Call(query=Query((Filter("n", 1),)))) == Reply([], NOW)
    for when in (Preconditions(if_match=NOW - 1), Preconditions(if_none_match="*"), Preconditions(if_none_match=NOW)):
        with pytest.raises(PreconditionFailed):
            write.delete_page(model, OPEN, Call(when=when))
    assert len(model.get_records()) == 1
