"""What an application has to write to become a service is no more than this."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from webtest import TestApp

MAIN = '''
"""Reading list: a user's articles, synchronised between their devices."""
import cliquet
from pyramid.config import Configurator

def main(global_config=None, **settings):
    config = Configurator(settings=settings)
    cliquet.initialize(config, version="1.0", default_settings={"paginate_by": 100})
    config.scan("articles_of_users.views")
    return config.make_wsgi_app()
'''
VIEWS = """
import colander
from cliquet import resource
from cliquet.resource import URL
from readinglist.fields import DeviceName

class ArticleSchema(resource.ResourceSchema):
    url = URL()
    title = colander.SchemaNode(colander.String(), validator=colander.Length(max=1024))
    added_by = DeviceName()
    resolved_url = URL(missing=None)
    stored_on = resource.TimeStamp()

    class Options:
        unique_fields = ("url", "resolved_url")
        readonly_fields = ("url", "stored_on")

@resource.register(record_methods=("GET", "PATCH", "DELETE"))
class Article(resource.UserResource):
    {schema}

    def process_record(self, new, old=None):
        return {{**new, "title": new["title"].strip()}}
"""
SPELLINGS = ("schema = ArticleSchema", "schema = ArticleSchema()", "mapping = ArticleSchema()")
ARTICLE = {"url": "https://example.com/", "title": " A title ", "added_by": "phone"}


@pytest.fixture(params=SPELLINGS)
def app(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestApp]:
    """The application, with the schema in each of its spellings."""
    package = tmp_path / "articles_of_users"
    package.mkdir()
    (package / "__init__.py").write_text(MAIN)
    (package / "views.py").write_text(VIEWS.format(schema=request.param))
    monkeypatch.syspath_prepend(str(tmp_path))
    main = importlib.import_module("articles_of_users").main
    yield client(main(storage_backend="cliquet.storage.memory"))
    for name in ("articles_of_users", "articles_of_users.views"):
        del sys.modules[name]


def client(app: Any) -> TestApp:
    found = TestApp(app)
    found.authorization = ("Basic", ("alice", "secret"))
    return found


def created(app: TestApp, **fields: Any) -> dict[str, Any]:
    data: dict[str, Any] = app.post_json("/v1/articles", {"data": {**ARTICLE, **fields}}, status=201).json["data"]
    return data


def test_a_record_is_stored_as_the_hook_makes_it(app: TestApp) -> None:
    article = created(app)
    assert article["title"] == "A title"
    assert app.get(f"/v1/articles/{article['id']}").json["data"] == article


def test_methods_that_are_not_named_do_not_exist(app: TestApp) -> None:
    app.put_json(f"/v1/articles/{created(app)['id']}", {"data": ARTICLE}, status=405)


def test_options_of_the_schema_hold(app: TestApp) -> None:
    article = created(app)
    app.post_json("/v1/articles", {"data": ARTICLE}, status=200)
    changed = app.patch_json(f"/v1/articles/{article['id']}", {"data": {"url": "https://other.example"}}, status=400)
    assert changed.json["message"].endswith("Cannot modify url")


def test_the_applications_defaults_hold(app: TestApp) -> None:
    for number in range(101):
        created(app, url=f"https://example.com/{number}")
    page = app.get("/v1/articles")
    assert len(page.json["data"]) == 100
    assert "Next-Page" in page.headers


def test_the_example_in_the_checkout_is_an_application_like_this() -> None:
    main = importlib.import_module("readinglist").main
    app = client(main(storage_backend="cliquet.storage.memory"))
    article = created(app)
    assert article["stored_on"] > 1_700_000_000_000
    assert app.get("/v1/").json["project_name"] == "readinglist"
