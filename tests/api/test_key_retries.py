"""Making and ending keys by REST: a retry has one effect, and no kept answer holds a secret."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from avow.flow import access
from tests.support.company import acme
from tests.support.office import OLIVE, Answer, Office

MAKING = [("/keys", {"name": "Backend"}), ("/secure_mode_secrets", {"name": "Backend", "supports_web": True})]
REUSED = (422, [("idempotency_key_reused", "Idempotency-Key")])


def kid_of(made: Answer) -> str:
    return str(made.body.get("kid") or made.body["id"])


async def kids(office: Office) -> list[str]:
    return [key["kid"] for key in (await office.rest("GET", "/keys")).body["data"]]


@pytest.mark.parametrize(("path", "body"), MAKING)
async def test_a_retry_makes_no_second_key_and_names_the_first(office: Office, path: str, body: Any) -> None:
    before = len(await kids(office))
    made = await office.rest("POST", path, body, idempotency_key="k")
    again = await office.rest("POST", path, body, idempotency_key="k")
    assert (made.status, again.status, again.errors) == (201, 409, [("conflict", "Idempotency-Key")])
    assert repr(kid_of(made)) in again.body["errors"][0]["message"]
    assert "once" in again.body["errors"][0]["message"]
    assert made.body["secret"] not in str(again.body)
    assert len(await kids(office)) == before + 1
    assert made.body["secret"] not in await office.everything(), "nothing that is kept holds it in the clear"


@pytest.mark.parametrize(("path", "body"), MAKING)
async def test_another_body_under_the_same_key_is_refused(office: Office, path: str, body: Any) -> None:
    await office.rest("POST", path, body, idempotency_key="k")
    before = await kids(office)
    other = await office.rest("POST", path, {**body, "name": "Other"}, idempotency_key="k")
    assert (other.status, other.errors) == REUSED
    assert await kids(office) == before


async def test_two_tries_at_once_make_one_key(office: Office) -> None:
    answers = await asyncio.gather(*(office.rest("POST", "/keys", {"name": "zz"}, idempotency_key="k") for _ in "abc"))
    assert sorted(answer.status for answer in answers) == [201, 409, 409]


async def test_a_public_key_is_registered_once_and_answered_alike(office: Office) -> None:
    """There is no secret in the answer, so it may be told again."""
    body = {"kid": "ed", "algorithm": "EdDSA", "public_key": acme()["acme-ed"].public_pem.decode()}
    first, second = [await office.rest("POST", "/keys", body, idempotency_key="k") for _ in range(2)]
    assert (first.status, second.status, first.body) == (201, 201, second.body)


@pytest.mark.parametrize("act", ["retire", "revoke"])
async def test_a_retry_of_ending_a_key_is_answered_as_it_was(office: Office, act: str) -> None:
    made = await office.rest("POST", "/keys", {"kid": "k1"})
    assert made.status == 201
    first = await office.rest("POST", f"/keys/k1/{act}", idempotency_key="k")
    await office.rest("POST", "/keys/k1/revoke")
    again = await office.rest("POST", f"/keys/k1/{act}", idempotency_key="k")
    assert (first.status, again.status, again.body) == (200, 200, first.body)
    other = await office.rest("POST", f"/keys/k1/{act}", {}, idempotency_key="k")
    assert (other.status, other.errors) == REUSED


async def test_distrusting_under_a_used_key_with_another_body_is_refused(office: Office) -> None:
    path, body = f"/keys/{office.kid}/distrust", {"since": int(office.clock()), "dry_run": False}
    first = await office.rest("POST", path, body, idempotency_key="k")
    again = await office.rest("POST", path, body, idempotency_key="k")
    assert (first.status, again.status) == (200, 200)
    assert again.body == first.body
    other = await office.rest("POST", path, {**body, "since": 0}, idempotency_key="k")
    assert (other.status, other.errors) == REUSED
    [key] = [one for one in (await office.rest("GET", "/keys")).body["data"] if one["kid"] == office.kid]
    assert key["distrusted_since"] == body["since"], "the other body was not obeyed"


async def test_a_revoked_token_makes_no_key_and_hears_of_none(office: Office) -> None:
    text = await office.token()
    await office.rest("POST", "/keys", {"name": "zz"}, token=text, idempotency_key="k")
    engine, digest = office.engine, access.digest_of(text)
    known = await access.every(engine.store, office.workspace_id)
    token_id = next(one.id for one in known if one.digest == digest)
    await access.revoke(engine.store, office.workspace_id, token_id, entropy=engine.entropy, actor=OLIVE)
    await office.engine.rulebook.confirm()
    assert (await office.rest("POST", "/keys", {"name": "zz"}, token=text, idempotency_key="k")).status == 401
