"""Many works become one transaction: in order, each for itself, answered once durable, and never twice done."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from avow.errors import AvowError, Forbidden, StorageFull, TokenRefused, Unavailable, Unprocessable
from avow.flow import committer
from avow.flow.contract import LookupKey, TrafficCount, WriteConflict
from avow.flow.desk import Desk, Effects, Idempotency, Wants
from avow.flow.submissions import Receipt, Submission
from avow.flow.updates import MessengerUpdate
from avow.trust.contact import WorkspaceId
from avow.trust.decision import Again
from avow.trust.policy import MessengerSecurity, Platform, Policy
from avow.trust.reasons import Reason
from tests.support.shop import OTHER, Shop
from tests.support.world import ACME, NOW, locked, opened, slot_of, vouched

KEY = Idempotency("a" * 64, "b" * 64)
HOUR = NOW // 3600


class Odd(msgspec.Struct, frozen=True):
    """A work with a defect of its own."""

    error: Exception
    workspace_id: WorkspaceId = ACME
    idempotency: Idempotency | None = None
    outcome: Any = None

    def wants(self) -> Wants:
        return Wants()

    def wants_more(self, desk: Desk) -> tuple[LookupKey, ...]:
        return ()

    def weigh(self, desk: Desk) -> Effects:
        raise self.error


async def together(shop: Shop, *submissions: Submission) -> list[Receipt | BaseException]:
    """Handed in at once, so that they become one batch."""
    return await asyncio.gather(*map(shop.hand_in, submissions), return_exceptions=True)


async def signed_plans(shop: Shop, *plans: str) -> list[Submission]:
    return [await shop.submission(token=shop.token(plan=plan)) for plan in plans]


async def test_what_arrives_together_is_one_transaction_weighed_in_order() -> None:
    async with Shop(locked("plan", ever_signed=True)).open() as shop:
        receipts = await together(shop, *await signed_plans(shop, "free", "pro", "pro", "trial"))
        assert [receipt.verdicts[0].verdict for receipt in receipts] == ["applied", "applied", "unchanged", "applied"]  # type: ignore[union-attr]
        assert len(shop.disk.written) == 1
        assert len(shop.contacts()) == 1
        assert shop.holding("plan").value == "trial"
        assert [record.facts.seq for record in shop.chain(shop.user().id)] == [1, 2, 3]


async def test_what_arrives_while_the_disk_is_busy_becomes_the_next_transaction() -> None:
    async with Shop(locked("plan", ever_signed=True)).open() as shop:
        first, *others = await signed_plans(shop, "a", "b", "c", "d")
        task = asyncio.create_task(shop.hand_in(first))
        while shop.disk.batches == 0:
            await asyncio.sleep(0)
        await together(shop, *others)
        await task
        assert [len(writes.saves[0].changes) for writes in shop.disk.written] == [1, 3]


async def test_a_crowd_is_served_in_batches_and_everybody_is_answered() -> None:
    async with Shop(locked("plan", ever_signed=True)).open() as shop:
        crowd = [await shop.submission(token=shop.token(f"user {n}", plan="pro")) for n in range(600)]
        receipts = await together(shop, *crowd)
        assert [receipt.external_id for receipt in receipts] == [f"user {n}" for n in range(600)]  # type: ignore[union-attr]
        assert [len(writes.saves) for writes in shop.disk.written] == [256, 256, 88]


async def test_one_refused_work_refuses_nobody_else_and_leaves_nothing() -> None:
    required = Policy(messenger_security={Platform.WEB: MessengerSecurity.REQUIRED})
    async with Shop(locked("plan"), policy=required).open() as shop:
        await shop.ping(token=shop.token("ended", at=-9, plan="x"))
        shop.end_tokens("ended")
        before = shop.user("ended")
        results = await asyncio.gather(
            shop.hand_in(await shop.submission(token=shop.token("alice", plan="pro"))),
            shop.hand_in(await shop.submission(token=shop.token("ended", at=-9, plan="pro"))),
            shop.hand_in(await shop.submission(user_id="mallory", values={"plan": "pro"})),
            shop.committer.submit(Odd(RuntimeError("a defect"))),
            shop.hand_in(await shop.submission(token=shop.token("bob", plan="pro"))),
            return_exceptions=True,
        )
        assert [type(result) for result in results] == [Receipt, TokenRefused, Forbidden, RuntimeError, Receipt] or [
            isinstance(result, kind)
            for result, kind in zip(results, (Receipt, TokenRefused, Forbidden, RuntimeError, Receipt), strict=True)
        ] == [True] * 5
        assert {contact.external_id for contact in shop.contacts().values()} == {"alice", "ended", "bob"}
        assert shop.user("ended") == before


async def test_a_batch_of_refusals_writes_nothing_at_all() -> None:
    async with Shop().open() as shop:
        before = shop.everything()
        with pytest.raises(AvowError):
            await shop.committer.submit(Odd(Forbidden("no")))
        assert shop.disk.written == []
        assert shop.everything() == before


async def test_who_was_slower_is_weighed_again_on_what_the_faster_one_wrote() -> None:
    async with Shop(locked("plan")).open() as shop:
        await shop.ping(token=shop.token(at=-20, plan="free"))

        def somebody_was_faster() -> None:
            alice = shop.user()
            newer = msgspec.structs.replace(alice, version=alice.version + 1, holdings={"plan": vouched("pro", NOW - 5)})
            shop.disk.memory.tables["contacts"].committed[ACME, alice.id] = newer

        shop.disk.meanwhile.append(somebody_was_faster)
        receipt = await shop.ping(token=shop.token(at=-10, plan="trial"))
        assert receipt.verdicts[0].reason is Reason.STALE
        assert shop.holding("plan").value == "pro"


async def test_two_who_create_the_same_user_at_once_create_one() -> None:
    first = Shop(locked("plan", ever_signed=True))
    second = Shop(disk=first.disk)
    async with first.open(), second.open():
        submission = (await signed_plans(second, "pro"))[0]
        first.disk.meanwhile.append(lambda: _take_key(first))
        await together(first, *await signed_plans(first, "free"))
        await together(second, submission)
        assert len([one for one in first.contacts().values() if one.external_id == "alice"]) == 1


def _take_key(shop: Shop) -> None:
    """Another process commits Alice between this batch's look-up and its writing."""
    rival = Shop(locked("plan", ever_signed=True))
    rival._chance = iter(range(10_000, 20_000))  # type: ignore[assignment]
    from avow.flow.contract import KeyKind, KeyRow
    from tests.support.world import alice

    key = LookupKey(ACME, KeyKind.EXTERNAL_ID, "alice")
    tables = shop.disk.memory.tables
    tables["contacts"].committed[ACME, alice().id] = alice(plan=vouched("old", NOW - 50))
    tables["lookups"].committed[ACME, KeyKind.EXTERNAL_ID, "alice"] = {None: KeyRow(key, alice().id)}
