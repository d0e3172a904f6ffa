"""Making and ending keys by REST: a retry has one effect, and no kept answer holds a secret."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import select

from avow.flow import access
from avow.store.schema import metadata
from tests.support.company import acme
from tests.support.office import OLIVE, Answer, Office

MAKING = [("/keys", {"name": "Backend"}), ("/secure_mode_secrets", {"name": "Backend", "supports_web": True})]
REUSED = (422, [("idempotency_key_reused", "Idempotency-Key")])


def kid_of(made: Answer) -> str:
    return str(made.body.get("kid") or made.body["id"])


async def kids(office: Office) -> list[str]:
    return [key["kid"] for key in (await office.rest("GET", "/keys")).body["data"]]


async def all_that_is_stored(office: Office) -> str:
    reader = office.engine.store._reader  # type: ignore[attr-defined]
    stored = repr([await reader.rows(select(table)) for table in metadata.sorted_tables])
    assert office.kid in stored
    return stored


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
    assert made.body["secret"] not in await all_that_is_stored(office), "nothing that is kept holds it in the clear"


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


async def test_a_retry_after_the_time_it_names_hears_the_first_answer(office: Office) -> None:
    body = {"retires_at": int(office.clock()) + 60}
    first = await office.rest("POST", f"/keys/{office.kid}/retire", body, idempotency_key="k")
    office.clock.pass_(120)
    again = await office.rest("POST", f"/keys/{office.kid}/retire", body, idempotency_key="k")
    assert (first.status, again.status, again.body) == (200, 200, first.body)


async def test_a_retried_distrust_ends_the_key_once_and_tells_what_is_still_to_fall(office: Office) -> None:
    """What fell in the first try is not told again: it has fallen."""
    path, body = f"/keys/{office.kid}/distrust", {"since": int(office.clock()), "dry_run": False}
    await office.signed("alice", plan="stolen")
    first = await office.rest("POST", path, body, idempotency_key="k")
    before = await office.everything()
    again = await office.rest("POST", path, body, idempotency_key="k")
    assert (first.body["counts"]["unverified"], first.body["contacts"] != []) == (1, True)
    assert (again.body["counts"]["unverified"], again.body["contacts"]) == (0, [])
    assert await office.everything() == before
    on = await office.rest("POST", path, {**body, "starting_after": f"1_0_{'0' * 24}_0"}, idempotency_key="k")
    assert (on.status, on.errors) == REUSED


async def test_no_fingerprint_that_is_kept_can_be_made_without_the_master_key(office: Office) -> None:
    """Whoever reads the database could try likely secrets against a plain one."""
    body = json.dumps({"kid": "ours", "secret": "Nq7-vY2mKz_84hTpLw0cXbRj6sDfGa3e"}).encode()
    made = await office.rest("POST", "/keys", body, idempotency_key="k")
    assert made.status == 201
    kept = await all_that_is_stored(office)
    for told in (body, b"Nq7-vY2mKz_84hTpLw0cXbRj6sDfGa3e"):
        assert told.decode() not in kept
        assert hashlib.sha256(told).hexdigest() not in kept
    again = await office.rest("POST", "/keys", body, idempotency_key="k")
    assert (again.status, again.body) == (201, made.body)


@pytest.mark.parametrize(("path", "body"), MAKING)
async def test_a_token_revoked_on_the_way_makes_no_key_and_hears_of_none(office: Office, path: str, body: Any) -> None:
    """It is recognised, then revoked, and only then does the key, or the retry of one, reach its transaction."""
    text = await office.token()
    await office.rest("POST", path, body, token=text, idempotency_key="k")
    engine = office.engine
    known = await access.every(engine.store, office.workspace_id)
    token_id = next(one.id for one in known if one.digest == access.digest_of(text))
    before, whole = await kids(office), engine.store.rules_transaction

    @asynccontextmanager
    async def revoked_first(workspace_id: Any) -> AsyncIterator[Any]:
        store.rules_transaction = whole
        await access.revoke(engine.store, workspace_id, token_id, entropy=engine.entropy, actor=OLIVE)
        async with whole(workspace_id) as transaction:
            yield transaction

    store: Any = engine.store
    with patch.object(store, "rules_transaction", revoked_first):
        answer = await office.rest("POST", path, body, token=text, idempotency_key="k")
    assert (answer.status, answer.errors) == (401, [("unauthorized", None)])
    assert await kids(office) == before
