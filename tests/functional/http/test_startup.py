"""A service that is configured wrong does not start, and says which setting to change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pyramid.config import Configurator
from pyramid.events import ApplicationCreated

import cliquet
from cliquet.errors import ConfigurationError, SchemaOutdated
from cliquet.testing.app import SETTINGS, make_app, make_wsgi_app
from cliquet.web.components import components

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"paginate_bye": "3"}, "'paginate_bye'.*Did you mean 'paginate_by'"),
    ({"myapp.paginate_bye": "3"}, "paginate_by"),
    ({"paginate_by": "many"}, "paginate_by"),
    ({"paginate_by": "0"}, "paginate_by"),
    ({"readonly": "maybe"}, "readonly"),
    ({"eos": "soon"}, "eos"),
    ({"environment": "staging"}, "environment"),
    ({"paginate_by": "3", "cliquet.paginate_by": "4"}, "paginate_by"),
    ({"storage_backend": "no.such.module"}, "storage_backend"),
    ({"storage_backend": "cliquet.cache.memory"}, "storage_backend"),
    ({"storage_backend": "cliquet.storage.sqlite"}, "storage_url"),
    ({"cache_backend": "json"}, "cache_backend"),
    ({"id_generator": "no.such.Thing"}, "id_generator"),
    ({"id_generator": "json.JSONDecoder"}, "id_generator"),
    ({"logging_renderer": "no.such.Renderer"}, "logging_renderer"),
    ({"statsd_url": "tcp://x"}, "statsd_url"),
    ({"version_json_path": "/no/such/file.json"}, "version_json_path"),
    ({"collection_unknown_get_enabled": "false"}, "collection_unknown_get_enabled"),
    ({"sentry_url": "https://x"}, "sentry_url"),
]


@pytest.mark.parametrize(("settings", "named"), WRONG, ids=[next(iter(settings)) for settings, _ in WRONG])
def test_a_wrong_setting_is_named(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        make_wsgi_app(settings)


def test_a_service_has_a_version() -> None:
    with pytest.raises(ConfigurationError, match="project_version"):
        cliquet.initialize(Configurator(settings=dict(SETTINGS)))


def test_the_settings_win_over_the_version_of_the_code() -> None:
    assert make_app({"project_version": "3.1.4"}).get("/v3/").json["project_version"] == "3.1.4"


def test_an_unknown_setting_that_a_plugin_declares_is_fine() -> None:
    def configure(config: Configurator) -> None:
        cliquet.load_default_settings(config, {"moons": 1})
        assert config.registry.settings["moons"] == 4

    make_app({"myapp.moons": "4"}, configure=configure)


def test_production_needs_a_secret() -> None:
    with pytest.raises(ConfigurationError, match="userid_hmac_secret"):
        make_wsgi_app({"environment": "production", "userid_hmac_secret": ""})
    make_wsgi_app({"environment": "production"})


def test_a_storage_that_servers_share_is_production(postgresql_settings: dict[str, Any]) -> None:
    without = {**postgresql_settings, "userid_hmac_secret": ""}
    with pytest.raises(ConfigurationError, match="userid_hmac_secret"):
        make_wsgi_app(without)
    app = make_app({**without, "environment": "development"})
    assert app.get("/v1/").json["user"]
    app.storage.close()


def test_development_makes_a_secret_up_and_keeps_it(sqlite_settings: dict[str, Any]) -> None:
    settings = {**sqlite_settings, "userid_hmac_secret": ""}
    users = [make_app(settings).get("/v1/").json["user"]["id"] for _ in range(2)]
    assert users[0] == users[1]
    assert users[0] != make_app().get("/v1/").json["user"]["id"]
    in_memory = {make_app({"userid_hmac_secret": ""}).get("/v1/").json["user"]["id"] for _ in range(2)}
    assert len(in_memory) == 2


def test_a_schema_that_is_not_migrated_stops_the_start(postgresql_database: Callable[[], str]) -> None:
    settings = {"storage_backend": "cliquet.storage.postgresql", "storage_url": postgresql_database()}
    with pytest.raises(SchemaOutdated, match="migrate"):
        make_wsgi_app(settings)
    app = make_wsgi_app({**settings, "check_on_start": "false"})
    components(app.registry).storage.close()  # type: ignore[union-attr]  # it has one


def test_a_new_file_of_sqlite_is_ready_at_once(sqlite_url: str) -> None:
    app = make_app({"storage_backend": "cliquet.storage.sqlite", "storage_url": sqlite_url})
    app.post_json("/v1/notes", {"data": {}}, status=201)
    app.storage.close()


def test_plugins_are_included_and_see_the_service() -> None:
    make_app({"includes": __name__}).get("/v1/plugged", status=200)


def includeme(config: Configurator) -> None:
    """What a plugin does."""
    assert components(config.registry).storage is not None
    config.add_api_capability("plugged")
    service = cliquet.Service(name="plugged", path="/plugged")
    service.add_view("GET", lambda request: {"user": request.prefixed_userid})
    config.add_cornice_service(service)


def test_secrets_are_in_no_text_about_the_settings() -> None:
    parts = make_app().parts
    assert SETTINGS["userid_hmac_secret"] not in repr(parts.settings)
    assert SETTINGS["userid_hmac_secret"] not in make_app().get("/v1/").text


@pytest.mark.parametrize(
    "event", ["pyramid.events.NewRequest", "pyramid.events.NewResponse", "cliquet.web.events.ResourceRead"]
)
def test_subscribers_are_told_also_when_there_is_one_only(event: str) -> None:
    told: list[Any] = []
    app = make_app(configure=lambda config: config.add_subscriber(told.append, event))
    app.get("/v1/notes")
    assert [type(one).__name__ for one in told] == [event.rpartition(".")[2]]


def test_nobody_is_looked_for_where_nobody_listens() -> None:
    told: list[Any] = []
    app = make_wsgi_app(SETTINGS, configure=lambda config: config.add_subscriber(told.append, ApplicationCreated))
    assert len(told) == 1
    assert not app.registry.has_listeners
