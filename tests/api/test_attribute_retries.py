"""Declaring and locking by REST: a retry has one effect, and a token revoked on the way changes nothing."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import patch

import pytest

from avow.flow import access, attributes
from avow.trust.access import Mode, Scope
from tests.support.office import OLIVE, Office

DECLARATION = {"name": "plan", "model": "contact", "data_type": "string"}
WRITES = [("POST", "/data_attributes", DECLARATION), ("PUT", "/data_attributes/seats", {"messenger_writable": True})]


async def test_a_retry_declares_once_and_is_answered_alike(office: Office) -> None:
    first, second = [await office.rest("POST", "/data_attributes", DECLARATION, idempotency_key="k") for _ in range(2)]
    assert (first.status, second.status, first.body) == (200, 200, second.body)
    assert (await office.rest("POST", "/data_attributes", DECLARATION)).status == 400, "without the key it is a second"


async def test_two_tries_at_once_declare_once(office: Office) -> None:
    answers = await asyncio.gather(
        *(office.rest("POST", "/data_attributes", DECLARATION, idempotency_key="k") for _ in range(4))
    )
    assert [answer.status for answer in answers] == [200] * 4
    assert len({answer.body["id"] for answer in answers}) == 1


async def test_a_retry_of_a_lock_does_not_undo_what_came_between(office: Office) -> None:
    await office.declare("plan", messenger_writable=True)
    lock = {"messenger_writable": False}
    first = await office.rest("PUT", "/data_attributes/plan", lock, idempotency_key="k")
    await office.rest("PUT", "/data_attributes/plan", {"messenger_writable": True})
    assert (await office.rest("PUT", "/data_attributes/plan", lock, idempotency_key="k")).body == first.body
    stored = await attributes.every(office.engine.store, office.workspace_id)
    assert stored["plan"].enforcement == "open"


async def test_the_same_key_with_another_body_is_refused(office: Office) -> None:
    await office.rest("POST", "/data_attributes", DECLARATION, idempotency_key="k")
    answer = await office.rest("POST", "/data_attributes", {**DECLARATION, "name": "seats"}, idempotency_key="k")
    assert (answer.status, answer.errors) == (422, [("idempotency_key_reused", "Idempotency-Key")])
    assert "seats" not in await attributes.every(office.engine.store, office.workspace_id)


async def test_what_was_refused_is_not_kept(office: Office) -> None:
    wrong = {**DECLARATION, "name": "email"}
    assert (await office.rest("POST", "/data_attributes", wrong, idempotency_key="k")).status == 400
    assert (await office.rest("POST", "/data_attributes", DECLARATION, idempotency_key="k")).status == 200


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
async def test_a_token_revoked_on_the_way_changes_nothing(office: Office, method: str, path: str, body: Any) -> None:
    """It is recognised, then revoked, and only then does the change reach its transaction."""
    await office.declare("seats", "integer", messenger_writable=False)
    text = await office.token()
    caller = await _known(office, text)
    whole, before = office.engine.store.rules_transaction, await office.everything()

    def revoked_first(workspace_id: Any) -> Any:
        store.rules_transaction = whole
        return _After(_revoke(office, caller), lambda: whole(workspace_id))

    store: Any = office.engine.store
    with patch.object(store, "rules_transaction", revoked_first):
        answer = await office.rest(method, path, body, token=text)
    assert (answer.status, answer.errors) == (401, [("unauthorized", None)])
    assert await office.everything() == before


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
async def test_a_revoked_token_is_told_no_kept_answer(office: Office, method: str, path: str, body: Any) -> None:
    await office.declare("seats", "integer")
    text = await office.token()
    assert (await office.rest(method, path, body, token=text, idempotency_key="k")).status == 200
    await _revoke(office, await _known(office, text))
    assert (await office.rest(method, path, body, token=text, idempotency_key="k")).status == 401


async def test_a_token_without_the_scope_changes_nothing(office: Office) -> None:
    reader = await office.token(Mode.VOUCHING, Scope.READ_ATTRIBUTES, Scope.WRITE_CONTACTS)
    assert (await office.rest("POST", "/data_attributes", DECLARATION, token=reader)).status == 403


async def _known(office: Office, text: str) -> str:
    known = await access.every(office.engine.store, office.workspace_id)
    return next(one.id for one in known if one.digest == access.digest_of(text))


async def _revoke(office: Office, token_id: str) -> None:
    engine = office.engine
    await access.revoke(engine.store, office.workspace_id, token_id, entropy=engine.entropy, actor=OLIVE)


class _After:
    """A transaction that is opened once something else has happened."""

    def __init__(self, first: Any, opening: Any) -> None:
        self._first, self._opening = first, opening

    async def __aenter__(self) -> Any:
        await self._first
        self._transaction = self._opening()
        return await self._transaction.__aenter__()

    async def __aexit__(self, *error: Any) -> Any:
        return await self._transaction.__aexit__(*error)
