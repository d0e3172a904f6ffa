"""Erasing somebody with very much holds nobody up, is all or nothing to whoever asked, and can be asked again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from avow.errors import TokenRefused
from avow.flow import access
from avow.flow.audit import audit
from avow.flow.contract import EventRow, Writes
from avow.trust.access import digest_of
from avow.trust.contact import ContactId
from tests.support.office import OLIVE, Office

MANY = 1_200


async def busy_alice(office: Office) -> ContactId:
    """A user who did very much, a minute ago."""
    await office.signed("alice", plan="pro")
    alice, at = (await office.known("alice")).id, office.clock()
    events = tuple(
        EventRow(office.workspace_id, alice, f"{n:05}", "page viewed", at, at, False, "{}") for n in range(MANY)
    )
    async with office.engine.store.transaction([office.workspace_id]) as transaction:
        await transaction.write(Writes(events=events))
        await transaction.commit()
    office.clock.pass_(60)
    return alice


async def events_of(office: Office, contact_id: ContactId) -> int:
    return len(await office.engine.store.events(office.workspace_id, contact_id, limit=MANY + 1))


def thinning(
    office: Office, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], Awaitable[Any]], *, really: bool = True
) -> list[tuple[ContactId, ...]]:
    """Lets something happen after each thinning out; whom that was asked for."""
    asked: list[tuple[ContactId, ...]] = []
    store: Any = office.engine.store
    real = store.thin_out

    async def thin_out(workspace_id: Any, contact_ids: Sequence[ContactId]) -> None:
        asked.append(tuple(contact_ids))
        if really:
            await real(workspace_id, contact_ids)
        await meanwhile()

    monkeypatch.setattr(store, "thin_out", thin_out)
    return asked


async def test_others_are_written_meanwhile_and_nothing_brings_her_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, then = await busy_alice(office), office.clock()

    async def life_goes_on() -> None:
        await office.browser("bob", phone="1")
        await office.browser("alice", phone="2")

    asked = thinning(office, monkeypatch, life_goes_on)
    assert (await office.rest("DELETE", f"/contacts/{alice}")).status == 200
    assert asked == [(alice,)]
    assert (await office.holding("bob", "phone")).value == "1"
    assert await office.engine.store.contact(office.workspace_id, alice) is None
    assert await events_of(office, alice) == 0
    found = await audit(office.engine.store, office.workspace_id)
    assert (found.findings, found.erased) == ((), 1)
    with pytest.raises(TokenRefused) as refused:
        await office.signed("alice", at=then, plan="pro")
    assert refused.value.code == "identity_superseded"


async def test_who_is_in_the_same_batch_does_not_wait_for_it(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = await busy_alice(office)
    await office.browser("bob", phone="1")
    written = asyncio.Event()
    asked = thinning(office, monkeypatch, written.wait)
    erasing = asyncio.create_task(office.rest("DELETE", f"/contacts/{alice}"))
    await asyncio.wait_for(asyncio.gather(*(office.browser("bob", phone=str(one)) for one in range(20))), 30)
    written.set()
    assert ((await erasing).status, len(asked)) == (200, 1)


async def test_whoever_may_not_any_more_has_erased_nobody_and_another_may(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, token, engine = await busy_alice(office), await office.token(), office.engine
    await engine.rulebook.confirm()
    known = (await engine.rulebook.current(office.workspace_id)).access_tokens[digest_of(token)]

    async def revoke() -> None:
        await access.revoke(engine.store, office.workspace_id, known.id, entropy=engine.entropy, actor=OLIVE)

    thinning(office, monkeypatch, revoke)
    assert (await office.rest("DELETE", f"/contacts/{alice}", token=token)).status == 401
    assert (await office.holding("alice", "plan")).value == "pro"
    found = await audit(office.engine.store, office.workspace_id)
    assert (found.findings, found.erased) == ((), 0)
    monkeypatch.undo()
    assert (await office.rest("DELETE", f"/contacts/{alice}")).status == 200
    assert await office.engine.store.contact(office.workspace_id, alice) is None


async def test_whoever_may_not_ask_removes_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = await busy_alice(office)
    asked = thinning(office, monkeypatch, lambda: asyncio.sleep(0))
    assert (await office.rest("DELETE", f"/contacts/{alice}", token="nobody's")).status == 401
    assert (asked, await events_of(office, alice)) == ([], MANY)


async def test_where_more_arrives_each_time_it_is_said_and_nothing_is_erased(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await busy_alice(office)
    asked = thinning(office, monkeypatch, lambda: asyncio.sleep(0), really=False)
    assert (await office.rest("DELETE", f"/contacts/{alice}")).status == 503
    assert (len(asked), await events_of(office, alice)) == (8, MANY)
