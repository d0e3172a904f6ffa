"""What was ended counts no more: keys, rules that moved on the way, tokens from before an end, and the erased (V12)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from avow.errors import Forbidden, TokenRefused
from avow.flow.contract import KeyKind, KeyRow, LookupKey, Writes
from avow.flow.updates.submissions import RulesMoved
from avow.trust.change import ChangeKind
from avow.trust.keys import KeyState
from avow.trust.policy import MessengerSecurity, Platform, Policy
from avow.trust.reasons import Reason
from tests.support.company import acme
from tests.support.shop import Shop
from tests.support.world import ACME, ignored, locked, opened

HASH = acme()["acme-hash"].user_hash
REQUIRED = Policy(messenger_security={Platform.WEB: MessengerSecurity.REQUIRED})


async def test_a_lock_that_came_while_a_claim_was_on_its_way_holds() -> None:
    async with Shop(opened("plan")).open() as shop:
        submission = await shop.submission(user_id="alice", values={"plan": "free"})
        shop.change_attributes(locked("plan"))
        assert (await shop.hand_in(submission)).verdicts == (ignored("plan", Reason.UNVERIFIED),)
        assert shop.holding("plan").value is None


def revoke(shop: Shop) -> None:
    for kid in shop.signing:
        shop.change_key(kid, KeyState.REVOKED)


def lock(shop: Shop) -> None:
    shop.change_attributes(locked("plan"))


@pytest.mark.parametrize("happens", [revoke, lock, lambda shop: shop.change_policy(REQUIRED)])
@pytest.mark.parametrize("proof", ["token", "user_hash"])
async def test_what_was_proven_under_rules_that_have_moved_writes_nothing_until_it_is_believed_again(
    happens: Callable[[Shop], None], proof: str
) -> None:
    async with Shop(opened("plan")).open() as shop:
        shown = (
            {"token": shop.token(plan="pro")} if proof == "token" else {"user_id": "alice", "user_hash": HASH("alice")}
        )
        submission = await shop.submission(values={"plan": "free"}, **shown)
        happens(shop)
        before = shop.everything()
        with pytest.raises(RulesMoved):
            await shop.hand_in(submission)
        assert shop.everything() == before


@pytest.mark.parametrize(
    ("state", "reason"), [(KeyState.REVOKED, Reason.KEY_REVOKED), (KeyState.RETIRED, Reason.KEY_RETIRED)]
)
async def test_a_key_that_was_ended_is_believed_no_more(state: KeyState, reason: Reason) -> None:
    async with Shop().open() as shop:
        await shop.ping(token=shop.token(plan="pro"))
        shop.change_key("acme-hs", state)
        before = shop.everything()
        with pytest.raises(TokenRefused) as refusal:
            await shop.ping(token=shop.token(plan="free"))
        assert refusal.value.code == reason
        assert shop.everything() == before


async def test_proof_that_was_required_meanwhile_is_required() -> None:
    async with Shop().open() as shop:
        submission = await shop.submission(user_id="alice", values={"name": "Alice"})
        shop.change_policy(REQUIRED)
        with pytest.raises(Forbidden) as refusal:
            await shop.hand_in(submission)
        assert refusal.value.code == Reason.IDENTITY_UNPROVEN
        assert shop.contacts() == {}


@pytest.mark.parametrize(("at", "refused"), [(-100, True), (-1, True), (0, True), (1, False), (None, True)])
@pytest.mark.parametrize("erased", [False, True])
async def test_a_token_from_before_everything_was_ended_is_refused(at: int | None, refused: bool, erased: bool) -> None:
    """V12. Within the same second nobody can tell which came first."""
    async with Shop().open() as shop:
        await shop.ping(token=shop.token(at=-200, plan="pro"))
        token = shop.token(at=at, plan="free")
        if erased:
            await shop.erase()
        else:
            shop.end_tokens("alice")
        shop.now += 50
        before = shop.everything()
        if not refused:
            await shop.ping(token=token)
            assert shop.holding("plan").value == "free"
            return
        with pytest.raises(TokenRefused) as refusal:
            await shop.ping(token=token)
        assert refusal.value.code == Reason.IDENTITY_SUPERSEDED
        assert shop.everything() == before


async def test_no_token_from_before_an_erasure_comes_back_after_somebody_created_the_user_anew() -> None:
    """Roll-back after an erasure: an unproven claim creates Alice again, then Mallory shows an old token."""
    async with Shop().open() as shop:
        old = shop.token(at=0, plan="pro")
        await shop.ping(token=old)
        await shop.erase()
        await shop.ping(user_id="alice", values={"name": "Alice"})
        shop.now += 5
        with pytest.raises(TokenRefused) as refusal:
            await shop.ping(token=old)
        assert refusal.value.code == Reason.IDENTITY_SUPERSEDED
        assert shop.holding("plan").value is None
        await shop.erase()
        with pytest.raises(TokenRefused):
            await shop.ping(token=shop.token(at=0, plan="pro"))


async def test_a_hash_has_no_date_so_it_proves_nobody_whose_sessions_were_ended() -> None:
    async with Shop().open() as shop:
        await shop.ping(user_id="alice", user_hash=HASH("alice"))
        await shop.erase()
        with pytest.raises(Forbidden) as refusal:
            await shop.ping(user_id="alice", user_hash=HASH("alice"), values={"name": "Mallory"})
        assert refusal.value.code == Reason.IDENTITY_SUPERSEDED


async def test_an_erasure_and_whoever_comes_in_the_same_batch_are_kept_apart() -> None:
    async with Shop().open() as shop:
        old = shop.token(at=0, plan="pro")
        await shop.ping(token=old)
        gone = shop.user().id
        claim = await shop.submission(user_id="alice", values={"name": "Alice"})
        erasing = asyncio.create_task(shop.erase())
        await asyncio.sleep(0)
        receipt = await shop.hand_in(claim)
        await erasing
        assert len(shop.disk.written) == 2
        assert receipt.contact_id == shop.user().id != gone
        shop.now += 5
        with pytest.raises(TokenRefused) as refusal:
            await shop.ping(token=old)
        assert refusal.value.code == Reason.IDENTITY_SUPERSEDED


async def test_erasing_takes_the_values_along_and_leaves_a_chain_with_a_tombstone() -> None:
    async with Shop(locked("plan")).open() as shop:
        await shop.ping(token=shop.token(plan="secret plan"), values={"email": "alice@home.example"})
        contact_id = shop.user().id
        await shop.erase()
        records = shop.chain(contact_id)
        assert records[-1].facts.kind is ChangeKind.ERASED
        assert all(record.raw_values is None for record in records)
        assert "secret plan" not in shop.everything()
        assert "home.example" not in shop.everything()
        assert shop.who(KeyKind.EXTERNAL_ID, "alice") is None


async def test_what_was_ended_stays_ended_when_the_clock_is_put_back() -> None:
    async with Shop(opened("plan")).open() as shop:
        begun = shop.now
        await shop.ping(token=shop.token(plan="free"))
        shop.now += 100
        await shop.sign_out()
        shop.now = begun  # a failover to a server whose clock is behind
        await shop.sign_out()
        shop.now = begun + 200
        with pytest.raises(TokenRefused) as refusal:
            await shop.ping(token=shop.token(at=-150, plan="pro"))
        assert refusal.value.code == Reason.IDENTITY_SUPERSEDED
        assert shop.holding("plan").value == "free"


async def test_a_session_that_leads_nowhere_any_more_is_burned_however_it_came_to_that() -> None:
    async with Shop(opened("plan")).open() as shop:
        first = await shop.ping(session="5e" * 32, values={"plan": "free"})
        assert first.contact_id is not None
        gone = KeyRow(LookupKey(ACME, KeyKind.SESSION, "5e" * 32), first.contact_id)
        async with shop.disk.transaction([ACME]) as transaction:  # as a sign-out did before it burned sessions
            await transaction.write(Writes(drop_keys=(gone,)))
            await transaction.commit()
        again = await shop.ping(session="5e" * 32, values={"plan": "pro"})
        assert again.contact_id not in (None, first.contact_id)
        assert again.session == "spare"
        assert shop.committer.pulse.conflicts == 0
        assert shop.contacts()[first.contact_id].holding("plan").value == "free"
