"""What no answer waits for is counted, handed over with a later commit, and lost only with its last second (§7)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from avow.errors import Unavailable
from avow.flow import committer
from avow.flow.contract import TrafficCount
from avow.trust.reasons import Reason
from avow.trust.weighing.repeats import Again
from tests.support.company import acme
from tests.support.shop import Shop
from tests.support.world import ACME, NOW, locked

HOUR = NOW // 3600


async def until(happened: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if happened():
            return
        await asyncio.sleep(0.001)
    pytest.fail("it did not happen")


async def test_counters_wait_for_no_answer_and_are_there_after_the_end() -> None:
    shop = Shop(locked("plan"))
    async with shop.open():
        for _ in range(3):
            await shop.ping(token=shop.token(plan="pro"), values={"name": "Alice"})
        assert shop.disk.tallies == []
    (tally,) = shop.disk.tallies
    assert set(tally.traffic) == {
        TrafficCount(ACME, "plan", HOUR, "signed", 3),
        TrafficCount(ACME, "name", HOUR, "fills", 1),
        TrafficCount(ACME, "name", HOUR, "repeats", 2),
    }
    assert [(use.kid, use.count) for use in tally.key_uses] == [("acme-hs", 3)]
    assert [writer.label for writer in tally.writers] == ["unknown origin"]


async def test_a_user_hash_that_proves_somebody_is_a_use_of_its_key_and_a_claim_without_proof_is_none() -> None:
    shop = Shop(locked("plan"))
    async with shop.open():
        user_hash = acme()["acme-hash"].user_hash("alice")
        for _ in range(3):
            assert (await shop.ping(user_id="alice", user_hash=user_hash, values={"name": "Alice"})).proven
        await shop.ping(user_id="bob", values={"name": "Bob"})
    (tally,) = shop.disk.tallies
    assert [(use.kid, use.count) for use in tally.key_uses] == [("acme-hash", 3)]


async def test_counters_are_flushed_while_nothing_else_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committer, "FLUSH_EVERY", 0.02)
    async with Shop(locked("plan")).open() as shop:
        await shop.ping(token=shop.token(plan="pro"))
        await until(lambda: bool(shop.disk.tallies))


async def test_counters_that_could_not_be_stored_are_counted_with_the_next_ones() -> None:
    shop = Shop(locked("plan"))
    async with shop.open():
        await shop.ping(token=shop.token(plan="pro"))
        await shop.ping(token=shop.token(plan="pro"))
        lost = shop.tally.hand_over()
        shop.tally.take_back(lost)
        await shop.ping(token=shop.token(plan="pro"))
    (tally,) = shop.disk.tallies
    assert [(row.attribute, row.count) for row in tally.traffic] == [("plan", 3)]
    assert [use.count for use in tally.key_uses] == [3]


async def test_a_failed_flush_loses_no_counter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committer, "FLUSH_EVERY", 0.02)
    shop = Shop(locked("plan"))
    async with shop.open():
        await shop.ping(token=shop.token(plan="pro"))
        shop.disk.faults = [Unavailable("the database does not answer")]
        await until(lambda: not shop.disk.faults)
    assert [row.count for tally in shop.disk.tallies for row in tally.traffic] == [1]


async def test_what_was_ignored_again_is_counted_later_and_only_where_it_is_still_held() -> None:
    shop = Shop(locked("plan"))
    async with shop.open():
        for plan in ("free", "free", "free", "trial"):
            await shop.ping(token=shop.token(), values={"plan": plan})
    alice_now = shop.user()
    held = alice_now.holding("plan").held
    assert held is not None
    assert (held.value, held.count) == ("trial", 1)
    assert alice_now.ignored == {"plan:unverified:acme-hs": (HOUR, 2)}
    assert shop.tally.again == {}


async def test_a_count_for_somebody_who_is_gone_by_now_harms_nobody() -> None:
    shop = Shop(locked("plan"))
    async with shop.open():
        for _ in range(2):
            await shop.ping(token=shop.token(), values={"plan": "free"})
        assert list(shop.tally.again.values()) == [{Again("plan", Reason.UNVERIFIED, 1, "acme-hs"): 1}]
        await shop.erase()
    assert shop.contacts() == {}
