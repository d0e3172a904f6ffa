"""Undoing puts back what nobody has turned since, whoever was in between, and whatever traffic came."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from avow.flow import attributes
from avow.flow.contract import RulesTransaction, Store
from avow.flow.screens import locking
from avow.flow.screens.locking import Turned
from avow.trust.attribute import Enforcement
from avow.trust.contact import WorkspaceId
from tests.support.office import OLIVE, Office

OPEN, MONITOR, LOCKED = Enforcement.OPEN, Enforcement.MONITOR, Enforcement.LOCKED


async def turn(office: Office, enforcement: Enforcement, *names: str) -> Turned:
    engine, wanted = office.engine, dict.fromkeys(names, enforcement)
    return await locking.turn(engine.store, office.workspace_id, wanted, entropy=engine.entropy, actor=OLIVE)


async def undo(office: Office, turned: Turned) -> Turned:
    engine = office.engine
    return await locking.undo(engine.store, office.workspace_id, turned.undo, entropy=engine.entropy, actor=OLIVE)


async def now(office: Office, name: str) -> Enforcement:
    return (await attributes.every(office.engine.store, office.workspace_id))[name].enforcement


async def test_a_lock_that_somebody_turns_while_another_is_undone_stays_and_is_named(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    turned = await turn(office, MONITOR, "phone", "email")
    waits = type(office.engine.store).rules_transaction

    @asynccontextmanager
    async def overtaken(store: Store, workspace_id: WorkspaceId) -> AsyncIterator[RulesTransaction]:
        monkeypatch.undo()
        await office.enforce("phone", LOCKED)
        async with waits(store, workspace_id) as transaction:
            yield transaction

    monkeypatch.setattr(type(office.engine.store), "rules_transaction", overtaken)
    assert (await undo(office, turned)).left == ("phone",)
    assert (await now(office, "phone"), await now(office, "email")) == (LOCKED, OPEN)


async def test_a_first_signed_write_is_nobodys_change_and_the_lock_is_undone(office: Office) -> None:
    turned = await turn(office, LOCKED, "phone", "email")
    office.clock.pass_(60)
    await office.signed("alice", phone="+491")
    undone = await undo(office, turned)
    assert (undone.left, undone.since) == ((), turned.changed[0].updated_at)
    assert (await now(office, "phone"), await now(office, "email")) == (OPEN, OPEN)


@pytest.mark.parametrize("signed_first", [True, False])
async def test_what_was_turned_since_is_left_though_a_signed_write_came(office: Office, signed_first: bool) -> None:
    turned = await turn(office, MONITOR, "phone")
    for _ in range(2):
        if signed_first:
            await office.signed("alice", phone="+491")
        else:
            await office.enforce("phone", LOCKED)
        signed_first = not signed_first
    assert (await undo(office, turned)).left == ("phone",)
    assert await now(office, "phone") is LOCKED


async def test_what_was_locked_opened_and_locked_again_is_left(office: Office) -> None:
    turned = await turn(office, LOCKED, "phone")
    await office.enforce("phone", OPEN)
    await office.enforce("phone", LOCKED)
    assert (await undo(office, turned)).left == ("phone",)
    assert await now(office, "phone") is LOCKED


async def test_what_was_given_its_type_since_is_left(office: Office) -> None:
    """Its first word was a browser's; then a token vouched for it, which is when it got the setting it has."""
    await office.policy(may_create="anyone")
    await office.browser("alice", seats="a few")
    turned = await turn(office, LOCKED, "seats")
    office.clock.pass_(60)
    await office.signed("alice", seats=5)
    assert (await undo(office, turned)).left == ("seats",)
    assert await now(office, "seats") is LOCKED
