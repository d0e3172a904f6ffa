"""One update from its belief to its receipt: what is stored of it, and what was ended meanwhile counts no more."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from avow.errors import Forbidden, TokenRefused
from avow.flow.contract import KeyKind
from avow.flow.updates.submissions import Happening, RulesMoved
from avow.trust.change import ChangeKind, values_of
from avow.trust.contact import Role, State
from avow.trust.keys import KeyState
from avow.trust.policy import MayCreate, MessengerSecurity, Platform, Policy, UndatedTokens
from avow.trust.reasons import Reason
from tests.support.company import acme
from tests.support.shop import Shop
from tests.support.world import ACME, NOW, applied, ignored, locked, opened

HASH = acme()["acme-hash"].user_hash
REQUIRED = Policy(messenger_security={Platform.WEB: MessengerSecurity.REQUIRED})


async def test_a_token_creates_its_user_and_the_record_tells_of_it() -> None:
    async with Shop(locked("plan")).open() as shop:
        receipt = await shop.ping(token=shop.token("alice", plan="pro"))
        alice = shop.user()
        assert (receipt.contact_id, receipt.role, receipt.proven) == (alice.id, Role.USER, True)
        assert receipt.session is None
        assert alice.holding("plan").state(held_since=0) is State.VERIFIED
        (record,) = shop.chain(alice.id)
        assert (record.facts.kind, record.facts.key, record.facts.seq) == (ChangeKind.CREATED, "acme-hs", 1)
        assert alice.head == record.hash


async def test_a_user_id_is_kept_byte_for_byte() -> None:
    async with Shop().open() as shop:
        for user_id in ("alice", "Alice", " alice", "alice ", "Zo\u00eb", "Zoe\u0308", "1"):
            await shop.ping(token=shop.token(user_id))
        assert len(shop.contacts()) == 7
        assert shop.user("Zoe\u0308").id != shop.user("Zo\u00eb").id


async def test_applied_and_ignored_values_are_told_in_records_of_their_own() -> None:
    async with Shop(locked("plan"), opened("city")).open() as shop:
        await shop.ping(token=shop.token(), values={"plan": "free", "city": "Oslo"})
        created, refused = shop.chain(shop.user().id)
        assert created.facts.verdicts == (applied("city"),)
        assert refused.facts.kind is ChangeKind.IGNORED
        assert refused.facts.verdicts == (ignored("plan", Reason.UNVERIFIED),)
        values = values_of(refused)
        assert values is not None
        assert values.values == {"plan": (None, "free")}


async def test_a_token_dated_a_little_ahead_counts_as_now() -> None:
    async with Shop().open() as shop:
        await shop.ping(token=shop.token(at=59, plan="pro"))
        source = shop.holding("plan").source
        assert source is not None
        assert source.signed_at == NOW
        await shop.ping(token=shop.token(at=0, plan="free"))
        assert shop.holding("plan").value == "free"


async def test_an_undated_token_counts_from_its_receipt() -> None:
    async with Shop().open() as shop:
        await shop.ping(token=shop.token(at=None, plan="pro"))
        shop.now += 10
        await shop.ping(token=shop.token(at=None, plan="free"))
        assert shop.holding("plan").value == "free"


async def test_where_the_owner_says_so_an_undated_token_fills_blanks_only() -> None:
    async with Shop(opened("plan"), policy=Policy(undated_tokens=UndatedTokens.FILL_ONLY)).open() as shop:
        await shop.ping(token=shop.token(at=None, plan="pro"))
        receipt = await shop.ping(token=shop.token(at=None, plan="free"))
        assert [verdict.reason for verdict in receipt.verdicts] == [Reason.UNDATED]
        assert shop.holding("plan").value == "pro"


async def test_an_unsigned_repeat_of_the_signed_value_is_told_and_not_stored() -> None:
    async with Shop(opened("plan")).open() as shop:
        await shop.ping(token=shop.token(plan="pro"))
        before = shop.everything()
        receipt = await shop.ping(token=shop.token(), values={"plan": "pro"})
        assert [verdict.verdict for verdict in receipt.verdicts] == ["unchanged"]
        assert shop.everything() == before


async def test_a_newer_repeat_raises_the_age_without_a_record_and_the_old_token_stays_out() -> None:
    async with Shop().open() as shop:
        old = shop.token(at=0, plan="free")
        shop.now += 10
        await shop.ping(token=shop.token(at=-20, plan="pro"))
        await shop.ping(token=shop.token(at=0, plan="pro"))
        assert len(shop.chain(shop.user().id)) == 1
        receipt = await shop.ping(token=old)
        assert [verdict.reason for verdict in receipt.verdicts] == [Reason.STALE]
        assert shop.holding("plan").value == "pro"


async def test_what_is_ignored_again_within_the_hour_is_no_second_record_and_is_counted() -> None:
    async with Shop(locked("plan"), locked("city")).open() as shop:
        for values in ({"plan": "free"}, {"plan": "free"}, {"plan": "free", "city": "Oslo"}):
            await shop.ping(token=shop.token(), values=values)
        held = shop.holding("plan").held
        assert held is not None
        assert held.count == 2  # the second one waits in memory, the third went along with another record
        assert [len(record.facts.verdicts) for record in shop.chain(shop.user().id)] == [0, 1, 1]
    held = shop.holding("plan").held
    assert held is not None
    assert held.count == 3


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
    """Roll-back after an erasure: an unproven claim or a hash creates Alice again, then Mallory shows an old token."""
    for again in ({}, {"user_hash": HASH("alice")}):
        async with Shop().open() as shop:
            old = shop.token(at=0, plan="pro")
            await shop.ping(token=old)
            await shop.erase()
            await shop.ping(user_id="alice", values={"name": "Alice"}, **again)
            shop.now += 5
            with pytest.raises(TokenRefused) as refusal:
                await shop.ping(token=old)
            assert refusal.value.code == Reason.IDENTITY_SUPERSEDED
            assert shop.holding("plan").value is None
            await shop.erase()
            with pytest.raises(TokenRefused):
                await shop.ping(token=shop.token(at=0, plan="pro"))


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


@pytest.mark.parametrize(
    "values", [{}, {"name": None}, {"name": ""}, {"nobody knows it": "x"}, {"seats": []}, {"user_hash": "x"}]
)
async def test_a_visitor_who_wrote_nothing_is_not_stored(values: dict[str, object]) -> None:
    async with Shop(opened("seats"), policy=Policy(may_create=MayCreate.SIGNED)).open() as shop:
        receipt = await shop.ping(values=values)
        assert (receipt.contact_id, receipt.role, receipt.session) == (None, Role.VISITOR, "spare")
        assert len(receipt.verdicts) == len(values)
        assert shop.contacts() == {}
        assert shop.who(KeyKind.SESSION, "spare") is None


@pytest.mark.parametrize(
    "writes", [{"values": {"name": "Al"}}, {"values": {"plan": "x"}}, {"observed": {"referrer": "x"}}]
)
async def test_a_visitor_is_stored_on_the_first_write_and_known_by_the_session(
    writes: dict[str, dict[str, object]],
) -> None:
    async with Shop(locked("plan")).open() as shop:
        receipt = await shop.ping(**writes)
        visitor = shop.who(KeyKind.SESSION, "spare")
        assert visitor is not None
        assert (visitor.id, visitor.role, visitor.external_id) == (receipt.contact_id, Role.VISITOR, None)
        again = await shop.ping(session="spare", spare="another", values={"name": "Alice"})
        assert (again.contact_id, again.session) == (visitor.id, "spare")
        assert len(shop.contacts()) == 1


async def test_an_event_stores_its_visitor() -> None:
    async with Shop().open() as shop:
        receipt = await shop.hand_in(await shop.submission(happenings=(Happening("opened", "{}"),)))
        assert receipt.contact_id is not None
        (event,) = await shop.disk.events(ACME, receipt.contact_id, limit=10)
        assert (event.name, event.verified) == ("opened", False)


async def test_where_proof_is_required_visitors_stay_welcome() -> None:
    async with Shop(policy=REQUIRED).open() as shop:
        assert (await shop.ping(values={"name": "Al"})).contact_id is not None
        for claim in ({"user_id": "alice"}, {"email": "alice@acme.example"}):
            with pytest.raises(Forbidden):
                await shop.ping(**claim)
        assert len(shop.contacts()) == 1


async def test_attributes_that_come_into_being_are_there_for_the_next_one() -> None:
    async with Shop(policy=Policy(may_create=MayCreate.ANYONE)).open() as shop:
        await shop.ping(user_id="mallory", values={"seats": "lots"})
        assert {name: one.provisional for name, one in shop.attributes().items()} == {"seats": True}
        await shop.ping(token=shop.token(seats=5))
        assert shop.holding("seats").value == 5
        receipt = await shop.ping(user_id="mallory", values={"seats": 7})
        assert receipt.verdicts == (applied("seats", reason=Reason.WOULD_IGNORE),)
        held = shop.holding("seats", "mallory").held
        assert held is not None
        assert (shop.holding("seats", "mallory").value, held.value) == (7, "lots")
