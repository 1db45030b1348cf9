"""An existing Kinto INI file starts the store, once its application line is changed."""

from __future__ import annotations

from typing import Any

import pytest

import kinto
from cliquet.errors import ConfigurationError
from cliquet.testing.app import Client
from kinto.settings import translated

#: What a generated INI file of Kinto says, and what its documentation tells people to add.
EXISTING = {
    "kinto.storage_backend": "kinto.core.storage.memory",
    "kinto.storage_url": "",
    "kinto.storage_max_backlog": "10",
    "kinto.storage_poolclass": "sqlalchemy.pool.NullPool",
    "kinto.cache_backend": "kinto.core.cache.memory",
    "kinto.cache_url": "",
    "kinto.permission_backend": "kinto.core.permission.memory",
    "kinto.permission_url": "",
    "kinto.bucket_create_principals": "system.Authenticated",
    "kinto.bucket_id_generator": "cliquet.ids.Slug",
    "kinto.plural_bucket_delete_enabled": "false",
    "kinto.userid_hmac_secret": "b4c96a8692291d88fe5a97dd91846eb4",
    "kinto.paginate_by": "2",
    "kinto.batch_max_requests": "10",
    "kinto.http_scheme": "http",
    "kinto.transaction_per_request": "true",
    "kinto.pagination_token_validity_seconds": "600",
    "b.c.record_cache_expires_seconds": "60",
    "kinto.b.record_cache_expires_seconds": "30",
    "multiauth.policies": "basicauth",
    "multiauth.policy.basicauth.use": "kinto.core.authentication.BasicAuthAuthenticationPolicy",
}
EVERYBODY = {"permissions": {"read": ["system.Everyone"]}}


@pytest.fixture
def app() -> Client:
    return Client(kinto.main(None, **EXISTING))


def test_the_settings_have_their_effect(app: Client) -> None:
    hello = app.get("/v1/").json
    assert hello["project_name"] == "kinto"
    assert hello["http_api_version"] == "1.23"
    assert hello["settings"] == {"batch_max_requests": 10, "readonly": False, "explicit_permissions": True}
    app.delete("/v1/buckets", status=405)
    for _ in range(3):
        app.post_json("/v1/buckets", {})
    assert len(app.get("/v1/buckets").json["data"]) == 2


def test_the_cache_settings_of_a_bucket_and_a_collection_count_most_exact_first(app: Client) -> None:
    for bucket, collection in (("b", "c"), ("b", "other"), ("a", "c")):
        app.put_json(f"/v1/buckets/{bucket}", {"permissions": {"read": ["system.Everyone"]}})
        app.put_json(f"/v1/buckets/{bucket}/collections/{collection}", {})
    found = [
        app.anonymous().get(f"/v1/buckets/{place}/records").headers["Cache-Control"]
        for place in ("b/collections/c", "b/collections/other", "a/collections/c")
    ]
    assert found == ["max-age=60", "max-age=30", "no-cache, no-store"]


def test_a_collection_may_ask_for_a_longer_life_of_what_anybody_reads(app: Client) -> None:
    app.put_json("/v1/buckets/b", EVERYBODY)
    for seconds, expected in ((90, 90), (40, 60)):
        app.put_json("/v1/buckets/b/collections/c", {"data": {"cache_expires": seconds}})
        response = app.anonymous().get("/v1/buckets/b/collections/c/records")
        assert response.headers["Cache-Control"] == f"max-age={expected}"
    app.put_json("/v1/buckets/b/collections/c", {"data": {"cache_expires": "soon"}}, status=400)


def test_names_of_backends_plugins_and_policies_are_understood() -> None:
    found = translated({"kinto.includes": "kinto.plugins.history\nkinto.plugins.accounts my.own", "storage_url": "x"})
    assert found == {
        "kinto.includes": "cliquet.plugins.history\ncliquet.plugins.accounts\nmy.own",
        "storage_url": "x",
    }


@pytest.mark.parametrize("name", ["kinto.storage_backnd", "kinto.plural_bucket_delet_enabled", "storge_url"])
def test_a_typo_still_stops_the_start(name: str) -> None:
    with pytest.raises(ConfigurationError, match="Unknown setting"):
        kinto.main(None, **{**EXISTING, name: "x"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("initialization_sequence", "kinto.core.initialization.setup_storage my.own.step"),
        ("multiauth.groupfinder", "my.own.groupfinder"),
        ("event_listeners", "redis"),
        ("includes", "kinto.plugins.openid"),
        ("includes", "no.such.plugin"),
    ],
)
def test_what_somebody_relies_on_and_is_not_here_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        kinto.main(None, **{**EXISTING, name: value})


def test_production_does_not_start_without_the_secret_of_default_buckets() -> None:
    settings = {**EXISTING, "includes": "kinto.plugins.default_bucket", "environment": "production"}
    with pytest.raises(ConfigurationError, match="default_bucket_hmac_secret"):
        kinto.main(None, **settings)
    kinto.main(None, **settings, default_bucket_hmac_secret="long and random")


@pytest.mark.parametrize("spelling", ["kinto.project_name", "project_name"])
def test_the_prefix_stays_when_the_project_has_another_name(spelling: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINTO_BATCH_MAX_REQUESTS", "7")
    hello = Client(kinto.main(None, **{**EXISTING, spelling: "Our Store", "kinto.readonly": "true"})).get("/v1/").json
    assert hello["project_name"] == "Our Store"
    assert hello["settings"] == {"batch_max_requests": 7, "readonly": True, "explicit_permissions": True}


def test_variables_of_the_environment_are_spelled_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINTO_PAGINATE_BY", "1")
    settings: dict[str, Any] = {name: value for name, value in EXISTING.items() if "paginate" not in name}
    app = Client(kinto.main(None, **settings))
    for _ in range(2):
        app.post_json("/v1/buckets", {})
    assert len(app.get("/v1/buckets").json["data"]) == 1


def test_the_flush_endpoint_is_included_by_name_or_by_its_old_switch() -> None:
    named, switched = ({"kinto.includes": "kinto.plugins.flush"}, {"kinto.flush_endpoint_enabled": "true"})
    for more in (named, switched):
        app = Client(kinto.main(None, **{**EXISTING, **more, "flush_principals": "system.Authenticated"}))
        assert "flush_endpoint" in app.get("/v1/").json["capabilities"]
    off = Client(kinto.main(None, **{**EXISTING, "kinto.flush_endpoint_enabled": "false"}))
    assert "flush_endpoint" not in off.get("/v1/").json["capabilities"]
