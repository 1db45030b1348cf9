"""One use of each method for the server, its plugins, and those that it has not."""

from __future__ import annotations

import pytest
from kinto_http import KintoException

from tests.compatibility.kinto_http.given import Given


def server_info(given: Given) -> None:
    info = given.client.server_info()
    assert info["http_api_version"] == "1.23"
    assert info["user"]["id"] == "account:alice"
    assert info["settings"]["batch_max_requests"] == 25
    assert {"accounts", "default_bucket", "history", "permissions_endpoint"} <= set(info["capabilities"])


def get_endpoint(given: Given) -> None:
    notes = f"/buckets/{given.bucket}/collections/notes"
    assert given.client.get_endpoint("record", id="r1") == f"{notes}/records/r1"
    answer, _ = given.client.session.request("get", given.client.get_endpoint("records"))
    assert answer == {"data": []}


def clone(given: Given) -> None:
    given.client.create_collection(id="drafts")
    drafts = given.client.clone(collection="drafts")
    drafts.create_record(id="r1")
    assert given.client.get_records() == []
    assert [record["id"] for record in drafts.get_records()] == ["r1"]


def batch(given: Given) -> None:
    with given.client.batch() as several:
        for number in range(3):
            several.create_record(id=f"r{number}", data={"n": number})
    assert [answer["data"]["n"] for answer in several.results()] == [0, 1, 2]
    assert len(given.client.get_records()) == 3


def get_history(given: Given) -> None:
    given.client.create_record(id="r1", data={"n": 1})
    entry = given.client.get_history(resource_name="record")[0]
    assert (entry["action"], entry["user_id"]) == ("create", "account:alice")
    assert entry["uri"] == f"/buckets/{given.bucket}/collections/notes/records/r1"
    assert entry["target"]["data"]["n"] == 1


def purge_history(given: Given) -> None:
    purged = given.client.purge_history()
    assert len(purged) == 2
    assert all(entry["deleted"] for entry in purged)
    assert given.client.get_history() == []


def get_permissions(given: Given) -> None:
    given.client.create_record(id="r1")
    notes = f"/buckets/{given.bucket}/collections/notes"
    found = {entry["uri"] for entry in given.client.get_permissions()}
    assert found >= {f"/buckets/{given.bucket}", notes, f"{notes}/records/r1"}
    found = {entry["uri"] for entry in given.client.get_permissions(exclude_resource_names=["record"])}
    assert found >= {f"/buckets/{given.bucket}", notes}
    assert f"{notes}/records/r1" not in found


# The workflow of signatures is another service's; here a status is an attribute like others.


def request_review(given: Given) -> None:
    answer = given.client.request_review(message="please", id="notes")
    assert answer["data"]["status"] == "to-review"
    assert answer["data"]["last_editor_comment"] == "please"


def approve_changes(given: Given) -> None:
    assert given.client.approve_changes(id="notes")["data"]["status"] == "to-sign"


def decline_changes(given: Given) -> None:
    answer = given.client.decline_changes(message="no", id="notes")
    assert answer["data"]["status"] == "work-in-progress"
    assert answer["data"]["last_reviewer_comment"] == "no"


def rollback_changes(given: Given) -> None:
    assert given.client.rollback_changes(message="no", id="notes")["data"]["status"] == "to-rollback"


# There are no attachments and no changesets, and clients are told so.


def add_attachment(given: Given) -> None:
    given.client.create_record(id="r1", data={"n": 1})
    picture = given.folder / "picture.png"
    picture.write_bytes(b"not a picture")
    with pytest.raises(KintoException) as refused:
        given.client.add_attachment(id="r1", filepath=str(picture))
    is_not_found(refused.value)
    assert "attachment" not in given.client.get_record(id="r1")["data"]


def remove_attachment(given: Given) -> None:
    given.client.create_record(id="r1", data={"n": 1})
    with pytest.raises(KintoException) as refused:
        given.client.remove_attachment(id="r1")
    is_not_found(refused.value)


def download_attachment(given: Given) -> None:
    record = given.client.create_record(id="r1", data={"n": 1})["data"]
    with pytest.raises(ValueError, match="no attachment"):
        given.client.download_attachment(record)


def get_changeset(given: Given) -> None:
    with pytest.raises(KintoException) as refused:
        given.client.get_changeset()
    is_not_found(refused.value)
    with pytest.raises(KintoException) as refused:
        given.client.get_changeset(bucket="monitor", collection="changes", bust_cache=True)
    is_not_found(refused.value)
    with pytest.raises(KintoException) as refused:
        given.client.get_records(bucket="monitor", collection="changes")
    assert refused.value.response.status_code == 403


def is_not_found(refused: KintoException) -> None:
    """The server has no such path, and says it in JSON."""
    assert refused.response.status_code == 404
    assert refused.response.json()["errno"] == 111


SERVERS = (
    server_info,
    get_endpoint,
    clone,
    batch,
    get_history,
    purge_history,
    get_permissions,
    request_review,
    approve_changes,
    decline_changes,
    rollback_changes,
    add_attachment,
    remove_attachment,
    download_attachment,
    get_changeset,
)
