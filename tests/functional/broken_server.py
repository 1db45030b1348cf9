"""A toy of the protocol in memory, with faults to switch on, for tests of the conformance kit."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from tests.functional.broken_records import Record, Refused, Timeline, moment, parsed
from tests.functional.broken_selection import Selection, projected

__all__ = ["FAULTS", "Toy"]

FAULTS = {
    "weak etags": 'tags are W/"1"',
    "clock etag": "the tag of a list is the time of the day",
    "totals on get": "GET of a list counts as well",
    "no next page": "a list ends after its first page",
    "if-match ignored": "stale writes pass",
    "html errors": "errors are pages for a browser",
    "no tombstones": "what is deleted leaves nothing",
    "no cors on errors": "scripts cannot read errors",
    "one user": "everybody sees the records of everybody",
    "text as number": "filters on text compare numbers",
}
EXPOSED = "Backoff, Retry-After, Alert, Content-Length, ETag, Last-Modified, Next-Page, Total-Records, Total-Objects, "
POLICY = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"}
ALLOWED = {"list": "GET, HEAD, POST, DELETE", "record": "GET, HEAD, PUT, PATCH, DELETE"}


@dataclass
class Asked:
    """A request."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes


@dataclass
class Reply:
    """An answer."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def refusal(error: Refused) -> Reply:
    """The answer that an error becomes."""
    body = {"code": error.status, "errno": error.errno, "error": "Unauthorized", "message": str(error) or "No."}
    return Reply(error.status, {**body, "details": error.details}, dict(error.headers))


class Toy:
    """The application; ``faults`` are names of :data:`FAULTS`."""

    def __init__(self, *faults: str) -> None:
        self.faults = {name for name in faults if FAULTS[name]}
        self.timelines: dict[str, Timeline] = {}
        self.lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
        headers |= {"content-type": environ.get("CONTENT_TYPE", "")}
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        raw = environ["RAW_PATH"], environ.get("QUERY_STRING", "")
        with self.lock:
            reply = self.guarded(environ["REQUEST_METHOD"], raw, headers, body)
        text = b"" if reply.body is None or reply.status == 304 else json.dumps(reply.body, ensure_ascii=False).encode()
        if self.faults & {"html errors"} and reply.status >= 400:
            text, reply.headers["Content-Type"] = b"<h1>Oh no</h1>", "text/html"
        start(f"{reply.status} X", [*self.dressed(reply, headers).items(), ("Content-Length", str(len(text)))])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else text]

    def dressed(self, reply: Reply, headers: dict[str, str]) -> dict[str, str]:
        every = {"Content-Type": "application/json", "Vary": "Authorization", **POLICY, **reply.headers}
        if "origin" in headers and not (reply.status >= 400 and "no cors on errors" in self.faults):
            every |= {"Access-Control-Allow-Origin": "*"}
        every["Access-Control-Expose-Headers"] = EXPOSED + "Cache-Control, Expires, Pragma"
        if "weak etags" in self.faults and "ETag" in every:
            every["ETag"] = "W/" + every["ETag"]
        return every

    def guarded(self, method: str, raw: tuple[str, str], headers: dict[str, str], body: bytes) -> Reply:
        try:
            path = unquote(raw[0], errors="strict")
            query = parse_qsl(raw[1], keep_blank_values=True, errors="strict")
            if any("\0" in value for _, value in query):
                raise Refused(400, 107, "NUL")
            return self.routed(Asked(method, path, query, headers, body), raw)
        except UnicodeDecodeError:
            return refusal(Refused(400, 107, "utf-8"))
        except Refused as error:
            return refusal(error)

    def routed(self, asked: Asked, raw: tuple[str, str]) -> Reply:
        path, tail = asked.path, f"?{raw[1]}" if raw[1] else ""
        here = "http://" + asked.headers.get("host", "toy")
        if not re.match(r"/v\d", path):
            return Reply(307, None, {"Location": f"{here}/v1{raw[0]}{tail}"})
        if not re.match(r"/v1(/|$)", path):
            raise Refused(404, 116)
        if path == "/v1" or (path != "/v1/" and path.endswith("/")):
            return Reply(307, None, {"Location": here + (raw[0].rstrip("/") if path != "/v1" else "/v1/") + tail})
        if asked.method == "OPTIONS":
            allowed = {"Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE"}
            return Reply(200, None, {**allowed, "Access-Control-Allow-Headers": "Authorization, If-Match"})
        if path in ("/v1/__heartbeat__", "/v1/__lbheartbeat__"):
            return Reply(200, {})
        return self.hello(asked, here) if path == "/v1/" else self.resource(asked, here)

    def user(self, asked: Asked) -> str:
        with contextlib.suppress(ValueError):
            kind, _, secret = asked.headers.get("authorization", "").partition(" ")
            if kind == "Basic" and ":" in (name := base64.b64decode(secret, validate=True).decode()):
                return "everybody" if "one user" in self.faults else hashlib.sha1(name.encode()).hexdigest()
        return ""

    def hello(self, asked: Asked, here: str) -> Reply:
        texts = dict.fromkeys(("project_name", "project_version", "project_docs", "http_api_version"), "toy")
        user = {"user": {"id": self.user(asked)}} if self.user(asked) else {}
        settings = {"settings": {"batch_max_requests": 25, "readonly": False}, "capabilities": {}}
        return Reply(200, {**texts, "cliquet_protocol_version": "3", "url": f"{here}/v1/", **settings, **user})

    def resource(self, asked: Asked, here: str) -> Reply:
        match = re.fullmatch(r"/v1/articles(/(?P<id>.+))?", asked.path)
        if not match:
            raise Refused(404, 111)
        kind = "record" if match["id"] else "list"
        if asked.method not in (allowed := ALLOWED[kind].split(", ")):
            raise Refused(405, 115, headers={"Allow": ", ".join(allowed)})
        self.media(asked)
        if not self.user(asked):
            raise Refused(401, 104, headers={"WWW-Authenticate": "Basic"})
        if match["id"] and not re.fullmatch("[a-z0-9-]+", match["id"]):
            raise Refused(400, 107, "id", location="path")
        timeline = self.timelines.setdefault(self.user(asked), Timeline())
        data = self.data(asked) if asked.method in ("POST", "PUT", "PATCH") else {}
        return self.one(asked, timeline, match["id"], data) if match["id"] else self.many(asked, timeline, data, here)

    def media(self, asked: Asked) -> None:
        if not re.search(r"\*/\*|application/(\*|json)|^$", asked.headers.get("accept", "")):
            raise Refused(406, 107, "Accept", location="header")
        kind = asked.headers["content-type"].partition(";")[0].lower()
        if kind != "application/json" and asked.body:
            raise Refused(415, 107, "Content-Type", location="header")
        if len(asked.body) > 2**20:
            raise Refused(413, 113)

    def data(self, asked: Asked) -> Record:
        body = parsed(asked.body) if asked.body else {}
        if not isinstance(body, dict) or set(body) != {"data"} or not isinstance(body["data"], dict):
            raise Refused(400, 107, "data", location="body")
        return body["data"]

    def conditions(self, asked: Asked, now: int | None, existing: Record | None) -> None:
        for name in ("If-Match", "If-None-Match"):
            value = asked.headers.get(name.lower())
            if value is None or (name == "If-Match" and "if-match ignored" in self.faults):
                continue
            if not re.fullmatch(r'"\d+"|\*', value):
                raise Refused(400, 107, name, location="header")
            equal = now is not None and value in ("*", f'"{now}"')
            if equal and name == "If-None-Match" and asked.method in ("GET", "HEAD"):
                raise Refused(304, 0, headers=self.dates(now or 0))
            if equal != (name == "If-Match"):
                shown = {"existing": existing} if existing else {"existing": None}
                raise Refused(412, 114, headers=self.dates(now or 0), **shown)

    def dates(self, stamp: int) -> dict[str, str]:
        cache = {"Cache-Control": "no-cache, no-store"}
        return {"ETag": f'"{stamp}"', "Last-Modified": formatdate(stamp // 1000, usegmt=True), **cache}

    def answered(self, status: int, record: Record, query: dict[str, str] | None = None) -> Reply:
        return Reply(status, {"data": projected(record, query or {})}, self.dates(record["last_modified"]))

    def one(self, asked: Asked, timeline: Timeline, record_id: str, data: Record) -> Reply:
        old, query = timeline.live.get(record_id), dict(asked.query)
        if old is None and asked.method != "PUT" and "if-match" not in asked.headers:
            raise Refused(404, 110, id=record_id, resource_name="article")
        self.conditions(asked, old["last_modified"] if old else None, old)
        if asked.method in ("GET", "HEAD"):
            return self.answered(200, old or {}, query)
        if data.get("id", record_id) != record_id:
            raise Refused(400, 107, "id", location="body")
        if asked.method == "DELETE":
            return self.answered(200, self.buried(timeline, old or {}, query))
        new = {name: value for name, value in data.items() if name != "deleted"}
        if asked.method == "PATCH" and old:
            same = all(name in old and old[name] == value for name, value in new.items())
            return self.answered(200, old if same else timeline.save({**old, "last_modified": None, **new}, old))
        return self.answered(200 if old else 201, timeline.save({**new, "id": record_id}, old))

    def buried(self, timeline: Timeline, record: Record, query: dict[str, str]) -> Record:
        wanted = moment(query["last_modified"], "last_modified") if "last_modified" in query else None
        tombstone = timeline.bury(record, wanted)
        if "no tombstones" in self.faults:
            timeline.dead.clear()
        return tombstone

    def many(self, asked: Asked, timeline: Timeline, data: Record, here: str) -> Reply:
        if asked.method == "POST":
            return self.post(asked, timeline, data)
        self.conditions(asked, timeline.now, None)
        chosen = Selection(asked.query, self.faults)
        found = chosen.records([*timeline.live.values(), *timeline.dead.values()])
        page = found[: chosen.limit]
        now = timeline.now
        if asked.method == "DELETE":
            page = [self.buried(timeline, record, {}) for record in page if "deleted" not in record]
            now = max((record["last_modified"] for record in page), default=timeline.now)
        headers = self.dates(time.time_ns() // 1_000_000 if "clock etag" in self.faults else now)
        if len(found) > len(page) and "no next page" not in self.faults and page:
            token = chosen.token(found[chosen.limit - 1])
            rest = [(name, value) for name, value in asked.query if name != "_token"]
            headers["Next-Page"] = f"{here}/v1/articles?{urlencode([*rest, ('_token', token)], quote_via=quote)}"
        if asked.method == "HEAD" or "totals on get" in self.faults:
            total = str(sum("deleted" not in record for record in chosen.filtered(timeline.live.values())))
            headers |= {"Total-Records": total, "Total-Objects": total}
        return Reply(200, {"data": [projected(record, dict(asked.query)) for record in page]}, headers)

    def post(self, asked: Asked, timeline: Timeline, data: Record) -> Reply:
        record_id = data.get("id", str(uuid.uuid4()))
        if not isinstance(record_id, str) or not re.fullmatch("[a-z0-9-]+", record_id) or len(record_id) > 99:
            raise Refused(400, 107, "id", location="body")
        old = timeline.live.get(record_id)
        self.conditions(asked, old["last_modified"] if old else None, old)
        return self.answered(200, old) if old else self.answered(201, timeline.save({**data, "id": record_id}, None))
