"""A retry is one with its first try: one outcome, one effect, whatever became of the answer (§7)."""

from __future__ import annotations

import asyncio

import pytest

from avow.errors import TokenRefused, Unavailable, Unprocessable
from avow.flow.work import Idempotency
from tests.support.shop import Shop
from tests.support.world import opened

KEY = Idempotency("a" * 64, "b" * 64)


async def test_a_retry_gets_the_first_tries_outcome_and_has_no_second_effect() -> None:
    async with Shop(opened("city")).open() as shop:
        submission = await shop.submission(user_id="alice", values={"city": "Oslo"})
        first = await shop.hand_in(submission, KEY)
        await shop.ping(user_id="alice", values={"city": "Rome"})
        before = shop.everything()
        assert await shop.hand_in(submission, KEY) == first
        assert shop.everything() == before
        assert shop.holding("city").value == "Rome"


async def test_a_retry_in_the_same_batch_has_no_second_effect_either() -> None:
    async with Shop(opened("city")).open() as shop:
        submission = await shop.submission(user_id="alice", values={"city": "Oslo"})
        results = await asyncio.gather(*(shop.hand_in(submission, KEY) for _ in range(3)))
        assert results[0] == results[1] == results[2]
        assert len(shop.chain(shop.user().id)) == 1


async def test_the_same_key_with_another_body_is_refused() -> None:
    async with Shop(opened("city")).open() as shop:
        await shop.hand_in(await shop.submission(user_id="alice", values={"city": "Oslo"}), KEY)
        before = shop.everything()
        other = await shop.submission(user_id="alice", values={"city": "Rome"})
        with pytest.raises(Unprocessable) as refusal:
            await shop.hand_in(other, Idempotency(KEY.scope, "c" * 64))
        assert refusal.value.code == "idempotency_key_reused"
        assert shop.everything() == before
        await shop.hand_in(other, Idempotency("d" * 64, "c" * 64))
        assert shop.holding("city").value == "Rome"


async def test_what_was_refused_may_be_tried_again_under_the_same_key() -> None:
    async with Shop(opened("city")).open() as shop:
        await shop.ping(token=shop.token())
        shop.end_tokens("alice")
        with pytest.raises(TokenRefused):
            await shop.hand_in(await shop.submission(token=shop.token(city="Oslo")), KEY)
        shop.now += 1
        await shop.hand_in(await shop.submission(token=shop.token(city="Oslo")), KEY)
        assert shop.holding("city").value == "Oslo"


async def test_a_commit_that_failed_and_is_there_after_all_has_one_effect() -> None:
    async with Shop(opened("city")).open() as shop:
        submission = await shop.submission(user_id="alice", values={"city": "Oslo"})
        shop.disk.lost = [Unavailable("the connection broke")]
        with pytest.raises(Unavailable):
            await shop.hand_in(submission, KEY)
        before = shop.everything()
        receipt = await shop.hand_in(submission, KEY)
        assert receipt.contact_id == shop.user().id
        assert shop.everything() == before
