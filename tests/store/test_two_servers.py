"""Two servers on one PostgreSQL: what both do at one moment comes out as if one had come after the other."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from avow.errors import Conflict
from avow.flow import workspaces
from avow.flow.contacts import CreateContact, Fields
from avow.flow.contract import KeyKind, LookupKey, Store, Transaction
from avow.flow.engine import Engine
from avow.flow.updates.submissions import Receipt, Submission
from avow.flow.updates.update import MessengerUpdate
from avow.sign import sign
from avow.store import open_store
from avow.trust.attribute import AttributeType
from avow.trust.contact import WorkspaceId
from avow.trust.policy import MayCreate, Platform, Policy
from avow.trust.token import verify

ADDRESSES = [f"ann{number}@customer.example" for number in range(20)]


@dataclass
class Acme:
    """Two servers, and Acme's workspace on both."""

    servers: tuple[Engine, Engine]
    workspace_id: WorkspaceId
    kid: str
    secret: str

    async def signed(self, server: Engine, user_id: str, **values: Any) -> Receipt:
        """Values inside a token."""
        rules = await server.rulebook.current(self.workspace_id)
        text = sign(user_id, values, key=self.secret, kid=self.kid)
        claims = verify(text, keyring=rules.keyring, policy=rules.policy, platform=Platform.WEB, now=time.time())
        return await self._submit(server, Submission(self.workspace_id, Platform.WEB, rules.version, claims))

    async def claimed(self, server: Engine, user_id: str, **values: Any) -> Receipt:
        """Values of a page that only says whose it is."""
        submission = Submission(self.workspace_id, Platform.WEB, 0, unproven_user_id=user_id, raw_values=values)
        return await self._submit(server, submission)

    async def addressed(self, server: Engine, email: str) -> Receipt:
        """A page that knows its user by her address alone."""
        values = {"email": email}
        return await self._submit(
            server, Submission(self.workspace_id, Platform.WEB, 0, unproven_email=email, raw_values=values)
        )

    async def created(self, server: Engine, email: str) -> str:
        """A user by REST; her id."""
        token = next(iter((await server.rulebook.current(self.workspace_id)).access_tokens.values()))
        work = CreateContact(token=token, fields=Fields(raw_values={"email": email}))
        return str((await server.committer.submit(work)).contact.id)

    async def _submit(self, server: Engine, submission: Submission) -> Receipt:
        receipt: Receipt = await server.committer.submit(MessengerUpdate(submission))
        return receipt


@pytest.fixture
async def acme(postgresql_url: str) -> AsyncIterator[Acme]:
    stores = open_store(postgresql_url), open_store(postgresql_url)
    first, second = (
        Engine.of(store, b"\x07" * 32, now=time.time, monotonic=time.monotonic, entropy=os.urandom) for store in stores
    )
    founding = await workspaces.initialise(
        stores[0], name="Acme", timezone="UTC", owner=workspaces.Owner("olive@acme.example", "Olive", "none"),
        master_key=first.master_key, now=time.time(), entropy=os.urandom,
    )  # fmt: skip
    workspace_id = founding.production.id
    async with stores[0].rules_transaction(workspace_id) as change:
        await change.put_policy(Policy(may_create=MayCreate.ANYONE))
    async with first.running(), second.running():
        yield Acme((first, second), workspace_id, founding.kid, founding.secret)
    for store in stores:
        await store.close()


def let_meet(monkeypatch: pytest.MonkeyPatch, first: Store, second: Store) -> None:
    """The next batches of both are open at one time, the first one's a moment longer."""
    begun = asyncio.Event(), asyncio.Event()
    whole = first.transaction, second.transaction

    @asynccontextmanager
    async def of_the_first(names: Sequence[WorkspaceId]) -> AsyncIterator[Transaction]:
        async with whole[0](names) as transaction:
            begun[0].set()
            await begun[1].wait()
            yield transaction

    @asynccontextmanager
    async def of_the_second(names: Sequence[WorkspaceId]) -> AsyncIterator[Transaction]:
        await begun[0].wait()
        async with whole[1](names) as transaction:
            begun[1].set()
            yield transaction

    monkeypatch.setattr(first, "transaction", of_the_first)
    monkeypatch.setattr(second, "transaction", of_the_second)


async def test_a_name_that_is_signed_and_claimed_at_one_moment_becomes_one_attribute(
    acme: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes second is weighed by the rules that the first has made: the lock is exact."""
    here, there = acme.servers
    let_meet(monkeypatch, here.store, there.store)
    await asyncio.gather(acme.signed(here, "alice", vip="no"), acme.claimed(there, "mallory", vip="yes"))
    stored = await here.store.rules(acme.workspace_id)
    assert stored is not None
    (vip,) = stored.attributes
    assert not vip.provisional
    assert vip.locked or vip.adopted_at is not None, "the signed write came first, or adopted what stood there"
    for number, server in enumerate(acme.servers):
        await server.rulebook.confirm()
        assert (await acme.signed(server, "alice", vip=f"no, {number}")).verdicts[0].verdict == "applied"


async def test_nothing_that_was_weighed_before_an_adoption_is_stored_after_it(
    acme: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a text would stand in a number, too young to be taken for a leftover."""
    here, there = acme.servers
    await acme.claimed(here, "bob", seats="a few")
    for server in acme.servers:
        await server.rulebook.confirm()
    let_meet(monkeypatch, here.store, there.store)
    await asyncio.gather(acme.signed(here, "alice", seats=5), acme.claimed(there, "mallory", seats="many"))
    stored = await here.store.rules(acme.workspace_id)
    assert stored is not None
    (seats,) = stored.attributes
    assert seats.type is AttributeType.INTEGER
    assert seats.adopted_at is not None
    (row,) = await here.store.find(LookupKey(acme.workspace_id, KeyKind.EXTERNAL_ID, "mallory"))
    assert row.contact_id is not None
    mallory = await here.store.contact(acme.workspace_id, row.contact_id)
    assert mallory is not None
    source = mallory.holding("seats").source
    assert source is not None
    assert source.received_at < seats.adopted_at


async def test_two_pages_that_know_their_user_by_her_address_make_one_user(acme: Acme) -> None:
    both = await asyncio.gather(*(acme.addressed(server, one) for one in ADDRESSES for server in acme.servers))
    assert {receipt.external_id for receipt in both} == {None}
    again = [await acme.addressed(acme.servers[0], one) for one in ADDRESSES]
    assert len({receipt.contact_id for receipt in again}) == len(ADDRESSES)
    assert await how_many(acme) == len(ADDRESSES)


async def test_of_two_creations_with_one_address_one_is_told_of_the_other(acme: Acme) -> None:
    asked = [acme.created(server, one) for one in ADDRESSES for server in acme.servers]
    told = await asyncio.gather(*asked, return_exceptions=True)
    assert sorted(type(one).__name__ for one in told) == ["Conflict"] * len(ADDRESSES) + ["str"] * len(ADDRESSES)
    assert {str(one).rpartition("id=")[2] for one in told if isinstance(one, Conflict)} == set(told) & {*map(str, told)}
    assert await how_many(acme) == len(ADDRESSES)


async def how_many(acme: Acme) -> int:
    return (await acme.servers[0].store.contacts(acme.workspace_id, before=None, limit=1, most=999))[1]
