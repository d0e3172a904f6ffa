"""Many works become one transaction: in order, each for itself, answered once durable, and never twice done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from avow.errors import AvowError, Forbidden, StorageFull, TokenRefused, Unavailable
from avow.flow import committer
from avow.flow.contract import KeyKind, KeyRow, LookupKey, WriteConflict
from avow.flow.desk import Desk
from avow.flow.updates.submissions import Receipt, Submission
from avow.flow.work import Effects, Idempotency, Wants
from avow.trust.contact import WorkspaceId
from avow.trust.policy import MessengerSecurity, Platform, Policy
from avow.trust.reasons import Reason
from tests.support.shop import OTHER, Shop
from tests.support.world import ACME, NOW, alice, locked, opened, vouched


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


async def until(happened: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if happened():
            return
        await asyncio.sleep(0.001)
    pytest.fail("it did not happen")


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
        await until(lambda: shop.disk.batches > 0)
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
        expected = (Receipt, TokenRefused, Forbidden, RuntimeError, Receipt)
        assert [isinstance(result, kind) for result, kind in zip(results, expected, strict=True)] == [True] * 5
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
            newer = msgspec.structs.replace(
                alice, version=alice.version + 1, holdings={"plan": vouched("pro", NOW - 5)}
            )
            shop.disk.memory.tables["contacts"].committed[ACME, alice.id] = newer

        shop.disk.meanwhile.append(somebody_was_faster)
        receipt = await shop.ping(token=shop.token(at=-10, plan="trial"))
        assert receipt.verdicts[0].reason is Reason.STALE
        assert shop.holding("plan").value == "pro"


async def test_who_was_slower_to_create_a_user_finds_the_one_who_is_there() -> None:
    async with Shop(locked("plan")).open() as shop:
        tables = shop.disk.memory.tables

        def somebody_was_faster() -> None:
            key = LookupKey(ACME, KeyKind.EXTERNAL_ID, "alice")
            tables["contacts"].committed[ACME, alice().id] = alice(plan=vouched("old"))
            tables["lookups"].committed[ACME, KeyKind.EXTERNAL_ID, "alice"] = {None: KeyRow(key, alice().id)}

        shop.disk.meanwhile.append(somebody_was_faster)
        receipt = await shop.ping(token=shop.token(plan="pro"))
        assert receipt.contact_id == alice().id
        assert list(shop.contacts()) == [alice().id]
        assert shop.holding("plan").value == "pro"


async def test_who_always_comes_second_is_told_to_try_again_and_has_written_nothing() -> None:
    async with Shop(locked("plan")).open() as shop:
        before = shop.everything()
        shop.disk.faults = [WriteConflict("again")] * committer.ATTEMPTS
        with pytest.raises(Unavailable) as refusal:
            await shop.ping(token=shop.token(plan="pro"))
        assert "Try again" in refusal.value.message
        assert shop.everything() == before
        shop.disk.faults = [WriteConflict("again")] * (committer.ATTEMPTS - 1)
        assert (await shop.ping(token=shop.token(plan="pro"))).contact_id is not None


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (StorageFull("The disk is full."), StorageFull),
        (Unavailable("The database does not answer."), Unavailable),
        (OSError("secret path"), Unavailable),
        (KeyError("x"), Unavailable),
    ],
)
async def test_a_failing_disk_fails_the_batch_it_had_and_no_other(fault: Exception, told: type[AvowError]) -> None:
    async with Shop(locked("plan", ever_signed=True)).open() as shop:
        before = shop.everything()
        # What nobody foresaw may lie in one of the works: each is tried alone once more.
        shop.disk.faults = [fault] * (1 if isinstance(fault, Unavailable) else 3)
        results = await together(shop, *await signed_plans(shop, "a", "b"))
        assert [type(result) for result in results] == [told, told]
        assert "secret" not in str(results[0])
        assert shop.everything() == before
        assert (await shop.ping(token=shop.token(plan="pro"))).verdicts[0].verdict == "applied"


async def test_what_spoils_a_batch_is_suffered_by_nobody_else() -> None:
    async with Shop(locked("plan", ever_signed=True)).open() as shop:
        shop.disk.faults = [ValueError("one row of it")]
        results = await together(shop, *await signed_plans(shop, "a", "b"))
        assert [result.verdicts[0].verdict for result in results] == ["applied", "applied"]


async def test_an_unknown_workspace_is_refused_and_the_others_are_served() -> None:
    async with Shop(opened("city")).open() as shop:
        mine = await shop.submission(user_id="alice", values={"city": "Oslo"})
        nowhere = msgspec.structs.replace(mine, workspace_id=WorkspaceId("nowhere0"))
        results = await together(shop, nowhere, mine)
        assert isinstance(results[0], Unavailable)
        assert isinstance(results[1], Receipt)


async def test_two_workspaces_in_one_batch_share_nothing() -> None:
    async with Shop(opened("city")).open() as shop:
        mine = await shop.submission(user_id="alice", session="s" * 64, values={"city": "Oslo", "name": "Alice"})
        theirs = msgspec.structs.replace(mine, workspace_id=OTHER)
        ours, other = await together(shop, mine, theirs)
        assert len(shop.disk.written) == 1
        assert isinstance(ours, Receipt)
        assert isinstance(other, Receipt)
        assert ours.contact_id != other.contact_id
        assert [verdict.reason for verdict in other.verdicts] == [Reason.UNKNOWN_ATTRIBUTE, None]
        assert [contact.id for contact in shop.contacts().values()] == [ours.contact_id]


async def test_closing_finishes_what_was_taken_and_takes_nothing_more() -> None:
    shop = Shop(locked("plan", ever_signed=True))
    async with shop.open():
        submissions = [await shop.submission(token=shop.token(f"user {n}", plan="pro")) for n in range(300)]
        tasks = [asyncio.create_task(shop.hand_in(submission)) for submission in submissions]
        await asyncio.sleep(0)
        shop.committer.close()
        with pytest.raises(Unavailable):
            await shop.hand_in(submissions[0])
        assert all(receipt.contact_id for receipt in await asyncio.gather(*tasks))
    assert len(shop.contacts()) == 300


async def test_who_comes_when_too_many_wait_is_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committer, "MOST_WAITING", 3)
    async with Shop(locked("plan", ever_signed=True)).open() as shop:
        results = await together(shop, *await signed_plans(shop, *"abcde"))
        assert [isinstance(result, Receipt) for result in results] == [True, True, True, False, False]
        assert await shop.hand_in((await signed_plans(shop, "f"))[0])


async def test_a_caller_who_left_is_served_all_the_same() -> None:
    """Nobody can tell whether a browser that closed has been answered: what was taken is done."""
    async with Shop(locked("plan")).open() as shop:
        task = asyncio.create_task(shop.hand_in((await signed_plans(shop, "pro"))[0]))
        await asyncio.sleep(0)
        task.cancel()
        await shop.ping(token=shop.token("bob"))
        assert shop.holding("plan").value == "pro"
