"""What nobody should send: values, bodies, headers, names and paths."""

from __future__ import annotations

import gzip
import json
from typing import Any
from urllib.parse import quote

__all__ = [
    "FIELDS",
    "HEADERS",
    "IDS",
    "LIMITS",
    "MEDIA_TYPES",
    "METHODS",
    "ODD_METHODS",
    "ODD_NAMES",
    "OPERATORS",
    "PLACES",
    "POINTERS",
    "PREFIXES",
    "RAW_BODIES",
    "RAW_QUERIES",
    "TAGS",
    "TEXTS",
    "VALUES",
]

LIMITS = [
    "1", "2", "3", "0", "-1", "x", "", "1.5", "%D9%A3", "1e3", "99999999999999999999",
]  # fmt: skip
FIELDS = [
    "url", "preview", "title", "added_by", "added_on", "stored_on", "archived", "favorite", "unread",
    "is_article", "excerpt", "read_position", "marked_read_by", "marked_read_on", "word_count", "resolved_url",
    "resolved_title", "id", "last_modified", "deleted", "a", "a.b",
]  # fmt: skip
OPERATORS = [
    "lt_", "max_", "min_", "gt_", "not_", "eq_", "in_", "exclude_", "like_", "has_", "contains_",
    "contains_any_",
]  # fmt: skip
ODD_NAMES = [
    "",
    "_",
    "__proto__",
    "min_",
    "a'b",
    'a"b',
    "a;b",
    "%(x)s",
    ":a",
    "é\u202e",
    "a..b",
    ".",
    "a." * 50,
    "x" * 5000,
]
ODD_NAMES += [
    "_since",
    "_before",
    "_to",
    "_limit",
    "_sort",
    "_fields",
    "_token",
    "_foo",
    "\x00",
    "$ref",
    "{id}",
    "a[b]",
]

VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 3.9, 1e308, -0.0, 5e-324, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), "", " ", "a", "1",
    "true",
    "null", "NaN", "é\U0001f600", "\u202e\ufeff", "%", "_", "*", "***************a", "\\", "'", '"',
    "; DROP TABLE records;--",
    "http://a.example/", "http://a.example/\u2028", "x" * 3000, "\r\nSet-Cookie: a=b", [], {}, [[]], {"": {}}, [None],
    ["a"],
    {"a": {"b": {"c": 1}}}, {"$gt": ""}, {"id": 1}, {"a" * 300: 1}, [1, "1", True, None, 1.0], list(range(200)),
    1_700_000_000_000, 9_999_999_999_999_999, "1700000000000",
]  # fmt: skip
RAW_BODIES: list[bytes] = [
    b"", b" ", b"{", b"[]", b"null", b"0", b'"a"', b"{}", b'{"data"', b'{"data":{}}', b'{"data":null}', b'{"data":[]}',
    b'{"data":{"a":NaN}}', b'{"data":{"a":Infinity}}', b'{"data":{"a":1e999}}', b'{"data":{"a":-1e999}}', b"\xff\xfe",
    b'{"data":{"a":"\xff"}}', b'{"data":{"a":"\\ud800"}}', b'{"data":{"\\udfff":1}}', b'{"data":{"a":"\\u0000"}}',
    b'{"data":{"\\u0000":1}}', b'{"data":{"a":' + b"9" * 5000 + b"}}", b'{"data":{"a":9223372036854775808}}',
    b'{"data":{"a":-9223372036854775809}}', b'{"data":{"a":0.' + b"1" * 5000 + b"}}",
    b'{"data":{"a":1,"a":2},"data":{"a":3}}', b'{"data":' + b"[" * 100_000,
    b'{"data":' + b'{"a":' * 5000 + b"1" + b"}" * 5001,
    b'{"data":{"a":' + b"[" * 126 + b"]" * 126 + b"}}", b'{"data":{"a":' + b"[" * 125 + b"]" * 125 + b"}}",
    b"\xef\xbb\xbf{}", '{"data":{}}'.encode("utf-16"), b"a=1&b=2", b"<a/>", gzip.compress(b'{"data":{}}'),
    b"x" * 1_100_000,
    b'{"data":{}}\x00', b"--\r\n", b'{"data":{},"permissions":{}}', b'{"data":{"id":"' + b"x" * 300 + b'"}}',
    b'{"data":{' + b",".join(b'"k%d":1' % n for n in range(5000)) + b"}}",
]  # fmt: skip
MEDIA_TYPES = ["application/json"] * 90 + [
    "application/merge-patch+json", "application/json-patch+json", "application/json-patch+json; charset=utf-8",
    "APPLICATION/JSON", "application/json;", "application/json; charset=utf-16", "text/plain", "", ";",
    "multipart/form-data",
    "multipart/form-data; boundary=", "application/x-www-form-urlencoded", "application/json, text/html", "é",
    "a" * 2000,
]  # fmt: skip
TAGS = [
    '"1"',
    "*",
    '"0"',
    'W/"1"',
    '"1", "2"',
    "1",
    "",
    " ",
    '""',
    '"a"',
    '"-1"',
    '"99999999999999999999999"',
    "é",
    '"١"',
]
TEXTS = [
    "",
    "*/*",
    "application/json",
    "text/html",
    "a/b;q=x",
    ";;",
    "*/*;q=0",
    "x" * 3000,
    "é",
    "\t",
    "application/*;q=0.0001",
]
HEADERS: dict[str, list[str]] = {
    "Accept": TEXTS,
    "If-Match": TAGS,
    "If-None-Match": TAGS,
    "Response-Behavior": ["light", "diff", "FULL", "heavy", "", "é"],
    "Origin": ["http://a.example", "null", "", "é", "http://" + "a" * 3000],
    "Access-Control-Request-Method": ["GET", "get", "FOO", "", "é"],
    "Access-Control-Request-Headers": ["authorization", "a;b", "x" * 3000, "é"],
    "Content-Encoding": ["gzip", "identity", "br, gzip", "é"],
    "Authorization": ["", "undefined", "Basic", "Basic !!!", "Basic Og==", "Bearer x", "Basic \xff", "x" * 3000],
    "X-HTTP-Method-Override": ["DELETE"],
    "X-Forwarded-Host": ["evil.example"],
    "Transfer-Encoding": ["chunked", "identity"],
    "Range": ["bytes=0-1"],
    "Accept-Language": ["é", "x" * 3000],
    "User-Agent": ["\x1b[31m", "x" * 3000, ""],
    "Sec-Fetch-Mode": ["cors", "é"],
    "If-Modified-Since": ["yesterday"],
    "Cookie": ["a=b", "\xff"],
}
RAW_QUERIES = [
    "%ff=1", "a=%ff", "%00=1", "a=%00", "a=%ED%A0%80", "=", "&&&", "a", "%", "%zz", "a=%u0041", "+", "a=b=c", ";",
    "\xff=\xff",
    "a=" + "x" * 20_000, "&".join("a=1" for _ in range(101)), "&".join(f"n{n}=1" for n in range(500)),
    "_sort=" + "a," * 500,
    "in_id=" + ",".join("x" for _ in range(6000)), "like_title=" + "*a" * 600, "_fields=" + "a," * 2000,
    "_since=" + "9" * 5000,
    "_limit=" + "9" * 5000, "_sort=a'b", "_sort=--a", "_fields=a.b.c.d,a,a.b", "_fields=,", "_sort=id,-id",
    "_sort=deleted",
    "_sort=last_modified,-last_modified", "_since=0&deleted=true", "a=[[[[[[[[1]]]]]]]]", "a=" + "[" * 400, "a=1e999",
    "a=9223372036854775808", "contains_a=" + quote(json.dumps(list(range(300)))), "like_a=%25_%5C*",
    "min_id=%F0%9F%98%80",
]  # fmt: skip
IDS = [
    "a", "_", "%25", "%2B", "%2a", ".", "..", "%2e%2e", "%2F", "*", "x%0a", "%00", "%ff", "%E2%98%83", "null", "0",
    "'", "{id}",
    "9f2d363f-9841-8b13-253d-6d7193fc8869", "9F2D363F-9841-8B13-253D-6D7193FC8869",
    "9f2d363f-9841-8b13-253d-6d7193fc8869%0a",
    "x" * 300, "9f2d363f-9841-8b13-253d-6d7193fc886", "%20", ";", "a;b=c", "%0d%0aSet-Cookie:a=b",
]  # fmt: skip
METHODS = ["GET"] * 6 + ["POST"] * 5 + ["PUT"] * 3 + ["PATCH"] * 4 + ["DELETE"] * 2 + ["HEAD", "OPTIONS"]
ODD_METHODS = ["TRACE", "CONNECT", "FOO", "get", "PROPFIND", "A" * 500]
PREFIXES = ["/v1"] * 150 + ["", "/v1/", "/v2", "/V1", "//v1", "/v1x", "/v", "/v01", "/%761"]
PLACES = ["/articles", "/notes"] * 60 + [
    "/",
    "",
    "/__heartbeat__",
    "/__version__",
    "/__api__",
    "/unknown",
    "/articles/",
    "/%ff",
]
POINTERS = [
    "/data",
    "/data/a",
    "/data/title",
    "/data/",
    "/data/-",
    "/data/a/0",
    "/permissions/read/x",
    "",
    "a",
    "/data/~2",
    "/data/a/b/c",
]
