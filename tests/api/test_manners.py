"""What holds for every REST request: versions, bodies, limits, unknown addresses, health."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path
from unittest.mock import patch

import pytest

from avow.errors import Unavailable, UsageError
from tests.support.office import Office, fresh_copy, open_office


@pytest.mark.parametrize("version", ["1.0", "1.4", "2.0", "2.9", "2.10", "2.16", "Unstable", "unstable"])
async def test_every_version_of_intercoms_is_taken(office: Office, version: str) -> None:
    assert (await office.rest("GET", "/me", intercom_version=version)).status == 200


@pytest.mark.parametrize("version", ["", "1.5", "2.17", "3.0", "2", "2.1x", "v2.14", "2.014"])
async def test_a_version_that_is_none_is_refused(office: Office, version: str) -> None:
    answer = await office.rest("GET", "/me", intercom_version=version)
    assert (answer.status, answer.errors) == (400, [("intercom_version_invalid", "Intercom-Version")])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad_request"),
        (b"{", 400, "bad_request"),
        (b"[]", 400, "bad_request"),
        (b'"alice"', 400, "bad_request"),
        (b'{"role": "user"} x', 400, "bad_request"),
        (b'\xef\xbb\xbf{"role": "user"}', 400, "bad_request"),
        ('{"role": "user"}'.encode("utf-16"), 400, "bad_request"),
        (b'{"name": "\xff"}', 400, "bad_request"),
        (b'{"name": NaN}', 400, "bad_request"),
        (b'{"name": 1e999}', 400, "bad_request"),
        (b'{"name": "a\\u0000b"}', 400, "bad_request"),
        (b'{"name": "\\ud800"}', 400, "bad_request"),
        (b'{"name": "a", "name": "b"}', 400, "duplicate_field"),
        (b'{"custom_attributes": {"plan": 1, "pl\\u0061n": 2}}', 400, "duplicate_field"),
        (b'{"a":' * 8 + b"1" + b"}" * 8, 400, "parameter_not_found"),
        (b'{"a":' * 9 + b"1" + b"}" * 9, 400, "bad_request"),
        (b"[" * 30_000, 400, "bad_request"),
        (b" " * (64 * 1024 + 1), 413, "request_too_large"),
    ],
)
async def test_a_body_that_is_not_plain_json_is_refused_and_changes_nothing(
    office: Office, body: bytes, status: int, code: str
) -> None:
    before = await office.everything()
    answer = await office.rest("POST", "/contacts", body)
    assert (answer.status, answer.body["errors"][0]["code"]) == (status, code)
    assert await office.everything() == before


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1"]
)
async def test_a_body_of_another_kind_is_refused(office: Office, kind: str) -> None:
    answer = await office.rest("POST", "/contacts", b"{}", **{"content-type": kind})
    assert (answer.status, answer.errors) == (415, [("media_type_not_acceptable", None)])


async def test_a_compressed_body_is_refused_by_the_name_of_its_encoding(office: Office) -> None:
    answer = await office.rest("POST", "/contacts", gzip.compress(b'{"external_id":"alice"}'), content_encoding="gzip")
    assert (answer.status, answer.errors) == (415, [("media_type_not_acceptable", "content-encoding")])
    assert "is gzip; send the body uncompressed" in answer.body["errors"][0]["message"]


async def test_a_compressed_body_is_refused_where_none_is_asked_for_too(office: Office) -> None:
    alice = await office.alice()
    for method, path in (
        ("POST", f"/contacts/{alice}/archive"),
        ("DELETE", f"/contacts/{alice}"),
        ("PUT", "/imports/1/content"),
    ):
        answer = await office.rest(method, path, gzip.compress(b"{}"), content_encoding="gzip")
        assert (answer.status, answer.errors) == (415, [("media_type_not_acceptable", "content-encoding")])


async def test_every_answer_says_what_is_left_of_the_window_refusals_too(migrated: Path, tmp_path: Path) -> None:
    async with open_office(fresh_copy(migrated, tmp_path), per_minute=18) as office:
        answers = [
            await office.rest("GET", path) for path in ("/me", "/contacts/nobody", "/contacts?per_page=0", "/me")
        ]
        assert [answer.status for answer in answers] == [200, 404, 400, 429]
        assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
        assert [answer.headers.get_list("x-ratelimit-limit") for answer in answers] == [["3"]] * 4
        assert int(answers[-1].headers["retry-after"]) in range(1, 11)
        assert (await office.rest("GET", "/me", token=await office.token())).status == 429, "one budget a workspace"
        office.clock.pass_(10)
        assert (await office.rest("GET", "/me")).status == 200


async def test_an_address_that_is_none_and_a_method_that_is_not_taken(office: Office) -> None:
    assert (await office.rest("GET", "/nowhere")).errors == [("not_found", None)]
    assert (await office.rest("GET", "/contacts/")).status == 404
    refused = await office.rest("PATCH", "/contacts")
    assert refused.status == 405
    assert set(refused.headers["allow"].replace(",", " ").split()) >= {"GET", "POST"}


async def test_a_query_that_says_a_thing_twice_is_refused(office: Office) -> None:
    assert (await office.rest("GET", "/contacts?per_page=1&per_page=2")).errors == [("duplicate_field", "per_page")]


async def test_the_process_says_that_it_lives_and_that_it_is_ready(office: Office) -> None:
    for path in ("/healthz", "/readyz"):
        answer = await office.client.get(path)
        assert answer.status_code == 200
        assert json.loads(answer.content)["status"] in ("ok", "ready")


async def test_without_its_database_a_process_lives_and_is_not_ready(office: Office) -> None:
    async def silent() -> None:
        raise Unavailable("The database does not answer.")

    office.engine.rulebook._confirmed_at = float("-inf")
    with patch.object(office.engine.store, "versions", silent):
        assert (await office.client.get("/healthz")).status_code == 200
        assert (await office.client.get("/readyz")).status_code == 503
        refused = await office.rest("GET", "/me")
    assert (refused.status, refused.errors) == (503, [("service_unavailable", None)])


async def test_a_database_that_never_answers_does_not_keep_the_question_waiting(office: Office) -> None:
    async def hanging() -> None:
        await asyncio.sleep(60)

    with patch.object(office.engine.store, "versions", hanging), patch("avow.api.health.PATIENCE", 0.2):
        assert (await office.client.get("/readyz")).status_code == 503


async def test_a_fault_of_ours_is_told_without_a_word_of_its_text(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    for error in (UsageError("the secret is hunter2"), RuntimeError("alice@example.com")):
        with patch.object(office.engine.store, "contacts", side_effect=error):
            answer = await office.rest("GET", "/contacts")
        assert (answer.status, answer.errors) == (500, [("server_error", None)])
        assert str(error) not in str(answer.body) + caplog.text


async def test_head_is_get_without_a_body(office: Office) -> None:
    answer = await office.client.head("/me", headers={"authorization": f"Bearer {office.access_token}"})
    assert answer.status_code == 200
