"""Which limit counts."""

from __future__ import annotations

import pytest

from cliquet.errors import ConfigurationError
from cliquet.model.access import Level
from cliquet.plugins.quotas.limits import Limits

BUCKET = [Level("bucket", "/buckets/b")]
COLLECTION = [*BUCKET, Level("collection", "/buckets/b/collections/c_1")]
LIMITS = Limits(
    {
        "quotas.bucket_max_bytes": 1,
        "quotas.bucket_b_max_bytes": 2,
        "quotas.collection_max_bytes": 3,
        "quotas.collection_b_max_bytes": 4,
        "quotas.collection_b_c_1_max_bytes": 5,
        "quotas.collection_max_items": 6,
        "quotas.bucket_b_max_bytes_per_item": 0,
    }
)


@pytest.mark.parametrize(
    ("levels", "kind", "expected"),
    [
        (BUCKET, "max_bytes", 2),
        ([Level("bucket", "/buckets/B")], "max_bytes", 1),
        (COLLECTION, "max_bytes", 5),
        ([*BUCKET, Level("collection", "/buckets/b/collections/c")], "max_bytes", 4),
        ([Level("bucket", "/buckets/x"), Level("collection", "/buckets/x/collections/c_1")], "max_bytes", 3),
        (COLLECTION, "max_items", 6),
        (BUCKET, "max_items", None),
        (BUCKET, "max_bytes_per_item", 0),
        (COLLECTION, "max_bytes_per_item", None),
        ([Level("shelf", "/shelves/s")], "max_bytes", None),
    ],
)
def test_the_most_specific_limit_counts(levels: list[Level], kind: str, expected: int | None) -> None:
    assert LIMITS.of(levels, kind) == expected


def test_limits_are_found_among_the_settings() -> None:
    found = Limits.read({"quotas.bucket_max_items": 3, "bucket_read_principals": ("x",)}, ["quotas.bucket_max_items"])
    assert found == Limits({"quotas.bucket_max_items": 3})
    found.check(["bucket"])


def test_a_name_that_is_no_limit_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"Unknown setting 'quotas\.bucket_max_size'"):
        Limits.read({}, ["history.x", "quotas.bucket_max_size"])


@pytest.mark.parametrize("name", ["quotas.record_max_bytes", "quotas.buckets_max_bytes", "quotas.max_bytes"])
def test_a_limit_of_what_has_nothing_below_it_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name}.*bucket, collection"):
        Limits({name: 1}).check(["collection", "bucket"])
