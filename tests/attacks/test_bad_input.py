"""Requests that cannot be meant: each gets a clear error that names the field, none changes anything, none is a 5xx.

One place is asked all of them: what is refused leaves nothing behind, and each value is said of somebody new.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from urllib.parse import quote

import pytest
import pytest_asyncio

from tests.support.place import Place, open_place

pytestmark = pytest.mark.asyncio(loop_scope="module")

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
APP = "@APP@"
TWICE = quote('{"a":1,"a":2}').encode()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """A place that has heard of Alice."""
    async with open_place(tmp_path_factory.mktemp("place")) as opened:
        await opened.signed("alice", seats=1, plan="free")
        yield opened


def _json(user_data: str, rest: str = "") -> bytes:
    return f'{{"app_id":"{APP}","user_data":{user_data}{rest}}}'.encode()


def _cases() -> Iterator[tuple[str, str, bytes, int]]:
    yield "nothing", JSON, b"", 400
    yield "no JSON", JSON, b"hello", 400
    yield "half a JSON", JSON, b'{"app_id":', 400
    yield "two JSONs", JSON, b"{}{}", 400
    yield "a list", JSON, b"[]", 400
    yield "a text", JSON, b'"x"', 400
    yield "a number", JSON, b"1", 400
    yield "null", JSON, b"null", 400
    yield "no app_id", JSON, b'{"user_data":{}}', 400
    yield "app_id of another type", JSON, b'{"app_id":7}', 400
    yield "app_id too long", JSON, b'{"app_id":"' + b"a" * 65 + b'"}', 400
    yield "unknown app_id", JSON, b'{"app_id":"zzzzzzzz"}', 404
    yield "byte order mark", JSON, b"\xef\xbb\xbf" + _json("{}"), 400
    yield "UTF-16", JSON, '{"app_id":"x"}'.encode("utf-16"), 400
    yield "not UTF-8", JSON, _json('{"name":"\xe9"}').decode().encode("latin-1"), 400
    yield "overlong UTF-8", JSON, _json('{"name":"@"}').replace(b'@"', b'\xc0\x80"', 2), 400
    yield "NUL escaped", JSON, _json('{"user_id":"a","name":"a\\u0000b"}'), 400
    yield "NUL raw", JSON, _json('{"user_id":"a","name":"a\x00b"}'), 400
    yield "NUL in a name", JSON, _json('{"user_id":"a","na\\u0000me":"b"}'), 400
    yield "lone surrogate", JSON, _json('{"user_id":"a","name":"\\ud800"}'), 400
    yield "reversed surrogates", JSON, _json('{"user_id":"a","name":"\\udc00\\ud800"}'), 400
    yield "lone surrogate in user_id", JSON, _json('{"user_id":"\\udfff"}'), 400
    yield "NaN", JSON, _json('{"user_id":"a","score":NaN}'), 400
    yield "Infinity", JSON, _json('{"user_id":"a","score":-Infinity}'), 400
    yield "overflow to infinity", JSON, _json('{"user_id":"a","score":1e999}'), 400
    yield "30,000 lists deep", JSON, _json('{"a":' + "[" * 30_000 + "]" * 30_000 + "}"), 400
    yield "30,000 objects open", JSON, b'{"a":' * 10_000, 400
    yield "nine levels", JSON, _json('{"a":' + "[" * 9 + "]" * 9 + "}"), 400
    yield "too large", JSON, _json('{"name":"' + "x" * 70_000 + '"}'), 413
    yield "101 attributes", JSON, _json(json.dumps({f"a{n}": n for n in range(101)})), 400
    yield "user_data is a list", JSON, _json("[1]"), 400
    yield "user_data is a number", JSON, _json("7"), 400
    yield "user_id is a list", JSON, _json('{"user_id":[1]}'), 400
    yield "user_id is true", JSON, _json('{"user_id":true}'), 400
    yield "user_id of 256 characters", JSON, _json('{"user_id":"' + "u" * 256 + '"}'), 400
    yield "user_id is blank", JSON, _json('{"user_id":" \\t "}'), 400
    yield "Idempotency-Key is a list", JSON, _json("{}", ',"Idempotency-Key":[1]'), 400
    yield "a media type of its own", "text/plain", _json("{}"), 415
    yield "multipart", "multipart/form-data; boundary=x", b"--x--", 415
    yield "another charset", "application/json; charset=utf-16", _json("{}"), 415
    yield "form: bad escape", FORM, f"app_id={APP}&user_data=%zz".encode(), 400
    yield "form: NUL", FORM, f"app_id={APP}&x=%00".encode(), 400
    yield "form: not UTF-8", FORM, f"app_id={APP}&x=%ff".encode(), 400
    yield "form: lone surrogate", FORM, f"app_id={APP}&x=%ed%a0%80".encode(), 400
    yield "form: user_data is no JSON", FORM, f"app_id={APP}&user_data=hello".encode(), 400
    yield "form: 300 fields", FORM, f"app_id={APP}&".encode() + b"&".join(b"f%d=1" % n for n in range(300)), 400
    yield "form: duplicate in user_data", FORM, f"app_id={APP}&user_data=".encode() + TWICE, 400


@pytest.mark.parametrize(("case", "media", "body", "status"), [pytest.param(*one, id=one[0]) for one in _cases()])
async def test_it_gets_a_clear_error_and_changes_nothing(
    place: Place, case: str, media: str, body: bytes, status: int
) -> None:
    before = await place.everything()
    answer = await place.post("/messenger/web/ping", body.replace(APP.encode(), place.workspace_id.encode()), media)
    assert answer.status == status, (case, answer)
    assert answer.body["type"] == "error.list"
    assert answer.body["request_id"] == answer.headers["x-request-id"]
    assert len(answer.body["errors"][0]["message"]) > 10
    assert await place.everything() == before


VALUES = [
    2**63,
    -(2**63) - 1,
    10**300,
    1e308,
    -0.0,
    "x" * 256,
    "\u202e",
    "null",
    "undefined",
    [],
    {},
    [1],
    {"a": 1},
    True,
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:24])
@pytest.mark.parametrize("name", ["name", "seats", "plan", "signed_up_at", "unsubscribed_from_emails", "avatar"])
async def test_no_value_of_any_kind_breaks_the_server(place: Place, name: str, value: object) -> None:
    bob = f"bob {name} {VALUES.index(value)}"
    answer = await place.ping({"intercom_user_jwt": place.token(bob), name: value})
    assert answer.status == 200
    verdict, reason = answer.verdict(name)
    assert verdict in ("applied", "ignored", "unchanged")
    assert (reason is None) == (verdict != "ignored")
    contact = await place.look(bob)
    assert contact is not None
    assert (await place.rest("GET", f"/contacts/{contact.id}")).status == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_another_method_is_not_a_ping(place: Place, method: str) -> None:
    answer = await place.client.request(method, "/messenger/web/ping")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.json()["errors"][0]["code"] == "method_not_allowed"


async def test_an_unknown_platform_is_not_there(place: Place) -> None:
    answer = await place.ping({"user_id": "alice"}, platform="toaster")
    assert (answer.status, answer.code) == (404, "not_found")
