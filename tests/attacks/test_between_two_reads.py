"""One server reads where a key leads; another one erases or renames whom it leads to; then the first reads the contact.

What it has read belongs together no more. On PostgreSQL each statement sees what was committed before it, so nothing
but looking again holds: without it, the erased would come back, and with them every old token of theirs.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio

from avow.errors import TokenRefused
from avow.flow.contacts.forgetting import ForgetContact
from avow.flow.contract import Transaction
from avow.trust.contact import Contact
from avow.trust.reasons import Reason
from tests.support.office import OLIVE, Office, two_processes


@pytest_asyncio.fixture
async def servers() -> AsyncIterator[tuple[Office, Office]]:
    """Two servers on one PostgreSQL; Alice is known."""
    async with two_processes() as (one, other):
        await one.signed("alice", name="Alice")
        one.clock.pass_(100)
        yield one, other


def between(monkeypatch: pytest.MonkeyPatch, office: Office, happens: Callable[[], Awaitable[object]]) -> None:
    """Let something happen, once, when this server has read keys and is about to read contacts."""
    begin, waiting = office.engine.store.transaction, [happens]

    @asynccontextmanager
    async def begun(workspaces: Sequence[Any]) -> AsyncIterator[Transaction]:
        async with begin(workspaces) as transaction:
            load = transaction.load

            async def late(ids: Sequence[Any]) -> list[Contact]:
                while waiting:
                    await waiting.pop()()
                return await load(ids)

            monkeypatch.setattr(transaction, "load", late)
            yield transaction

    monkeypatch.setattr(office.engine.store, "transaction", begun)


async def test_an_erasure_in_between_leaves_no_way_back_for_old_tokens(
    servers: tuple[Office, Office], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = servers
    alice = await one.known("alice")
    forget = ForgetContact(one.workspace_id, alice.id, OLIVE)
    between(monkeypatch, other, lambda: one.engine.committer.submit(forget))
    for plan in ("pro", "enterprise"):
        with pytest.raises(TokenRefused) as refused:
            await other.signed("alice", at=one.clock() - 50, plan=plan)
        assert refused.value.code == Reason.IDENTITY_SUPERSEDED
    assert (await one.engine.store.contacts(one.workspace_id, before=None, limit=9, most=9))[0] == []


async def test_a_rename_in_between_hands_nobody_elses_values_over(
    servers: tuple[Office, Office], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = servers
    alice = await one.known("alice")
    between(monkeypatch, other, lambda: one.rest("PUT", f"/contacts/{alice.id}", {"external_id": "alina"}))
    with pytest.raises(TokenRefused) as refused:
        await other.signed("alice", at=one.clock() - 50, name="Alice again")
    assert refused.value.code == Reason.IDENTITY_SUPERSEDED
    assert (await one.holding("alina", "name")).value == "Alice"
