"""Which origins are allowed, and what they are told."""

from __future__ import annotations

import pytest

from cliquet.web.cors import Cors


def allowed(cors: Cors, origin: str | None) -> str | None:
    return dict(cors.headers(origin)).get("Access-Control-Allow-Origin")


def test_everybody_is_told_a_star_and_nothing_varies() -> None:
    cors = Cors(["*", "http://a.example"])
    assert allowed(cors, "http://b.example") == allowed(cors, "null") == "*"
    assert allowed(cors, None) is None
    assert not cors.varies


@pytest.mark.parametrize(
    ("patterns", "origin", "told"),
    [
        (["http://a.example"], "http://a.example", True),
        (["http://a.example"], "http://A.example", False),
        (["http://a.example"], "http://aXexample", False),
        (["http://a.example"], "http://a.example\n", False),
        (["http://*.example"], "http://x.y.example", True),
        (["http://*.example"], "http://evil/.example", False),
        (["http://localhost:*"], "http://localhost:3000", True),
        (["null"], "null", True),
        ([], "http://a.example", False),
        (["http://a.example|http://b.example"], "http://b.example", False),
    ],
)
def test_an_origin_is_echoed_when_it_is_listed(patterns: list[str], origin: str, told: bool) -> None:
    cors = Cors(patterns)
    assert allowed(cors, origin) == (origin if told else None)
    assert cors.varies


def test_what_scripts_may_read_is_always_told() -> None:
    for origin in (None, "http://a.example"):
        assert "ETag" in dict(Cors([]).headers(origin))["Access-Control-Expose-Headers"]
