"""Whom an update reaches, end to end: hashes, e-mails, sessions, merges, and what an unproven caller can learn (§5)."""

from __future__ import annotations

import asyncio

import pytest

from avow.errors import Conflict
from avow.flow.contacts import Fields, UpdateContact
from avow.flow.contract import KeyKind
from avow.flow.updates.submissions import Receipt
from avow.trust.attribute import Attribute, Enforcement
from avow.trust.change import ChangeKind, Outcome, values_of
from avow.trust.contact import ContactId, Role, State
from avow.trust.keys import Algorithm, HashedField, Purpose
from avow.trust.policy import Policy, UndatedTokens
from avow.trust.reasons import Reason
from tests.support.company import Key, acme
from tests.support.shop import BACKEND, Shop
from tests.support.world import applied, attribute, ignored, locked, monitored, opened

MAIL_KEY = Key("acme-mail", Algorithm.HS256, purpose=Purpose.USER_HASH, hashes=HashedField.EMAIL)
KEYS = (acme().hs, acme()["acme-hash"], MAIL_KEY)
HASH = acme()["acme-hash"].user_hash
MAIL = "alice@acme.example"
MAIL_HASH = MAIL_KEY.user_hash(MAIL)


def kinds(shop: Shop, contact_id: ContactId) -> list[ChangeKind]:
    return [record.facts.kind for record in shop.chain(contact_id)]


async def test_a_hash_over_the_user_id_proves_the_user_and_vouches_for_no_value() -> None:
    async with Shop(locked("plan"), signing=KEYS).open() as shop:
        receipt = await shop.ping(user_id="alice", user_hash=HASH("alice"), values={"plan": "pro", "name": "Alice"})
        assert (receipt.proven, receipt.role) == (True, Role.USER)
        assert receipt.verdicts == (ignored("plan", Reason.UNVERIFIED), applied("name"))
        assert shop.holding("name").verified_slot is None


async def test_a_hash_over_an_email_makes_a_user_and_finds_that_one_again() -> None:
    async with Shop(signing=KEYS).open() as shop:
        first = await shop.ping(email=MAIL, user_hash=MAIL_HASH, values={"email": MAIL})
        again = await shop.ping(email="Alice@Acme.example", user_hash=MAIL_KEY.user_hash("Alice@Acme.example"))
        assert (first.proven, again.contact_id) == (True, first.contact_id)
        assert len(shop.contacts()) == 1


async def test_an_email_takeover_ends_in_a_user_of_mallorys_own() -> None:
    """Alice's stored address is only claimed, or is Mallory's claim: a hash over it leads to nobody who exists."""
    async with Shop(signing=KEYS).open() as shop:
        await shop.ping(token=shop.token("alice"), values={"email": MAIL})
        receipt = await shop.ping(email=MAIL, user_hash=MAIL_HASH, values={"name": "Mallory"})
        assert receipt.contact_id != shop.user().id
        assert shop.holding("name").value is None


async def test_a_hash_over_a_verified_email_reaches_its_user_even_behind_a_claimed_one() -> None:
    async with Shop(signing=KEYS).open() as shop:
        await shop.ping(token=shop.token("alice", email=MAIL))
        await shop.ping(user_id="alice", values={"email": "mallory@evil.example"})
        receipt = await shop.ping(email=MAIL, user_hash=MAIL_HASH)
        assert receipt.contact_id == shop.user().id
        evil = MAIL_KEY.user_hash("mallory@evil.example")
        assert (await shop.ping(email="mallory@evil.example", user_hash=evil)).contact_id != shop.user().id


async def test_an_address_that_nobody_has_any_more_leads_nowhere() -> None:
    async with Shop(opened("email"), signing=KEYS).open() as shop:
        await shop.ping(token=shop.token("alice", email=MAIL))
        shop.now += 5
        await shop.ping(token=shop.token("alice", email="new@acme.example"))
        assert (await shop.ping(email=MAIL)).contact_id != shop.user().id
        assert (await shop.ping(email="NEW@acme.example")).contact_id == shop.user().id


async def test_an_address_that_comes_goes_and_comes_back_within_one_batch_leads_to_its_user() -> None:
    async with Shop(opened("email")).open() as shop:
        asked = [await shop.submission(token=shop.token(), values={"email": email}) for email in (MAIL, None, MAIL)]
        await asyncio.gather(*map(shop.hand_in, asked))
        assert len(shop.disk.written) == 1
        assert (await shop.ping(email=MAIL)).contact_id == shop.user().id
        asked = [await shop.submission(token=shop.token(), values={"email": email}) for email in (None, MAIL, None)]
        await asyncio.gather(*map(shop.hand_in, asked))
        assert (await shop.ping(email=MAIL)).contact_id != shop.user().id


async def test_two_users_with_one_address_are_not_guessed_between() -> None:
    async with Shop(opened("email"), signing=KEYS).open() as shop:
        for user_id in ("alice", "mallory"):
            await shop.ping(token=shop.token(user_id, email=MAIL))
        before = shop.everything()
        for claim in ({"email": MAIL}, {"email": MAIL, "user_hash": MAIL_HASH}):
            with pytest.raises(Conflict):
                await shop.ping(**claim)  # type: ignore[arg-type]
        assert shop.everything() == before


async def test_while_email_is_locked_an_unproven_email_writes_to_a_visitor() -> None:
    async with Shop(locked("email")).open() as shop:
        await shop.ping(token=shop.token("alice", email=MAIL))
        receipt = await shop.ping(email=MAIL, session=None, values={"name": "Mallory"})
        assert (receipt.role, receipt.session) == (Role.VISITOR, "spare")
        assert shop.holding("name").value is None
        assert (await shop.ping(email=MAIL, session="spare", values={"name": "M"})).contact_id == receipt.contact_id


@pytest.mark.parametrize("known", [True, False])
async def test_signing_in_takes_the_browsers_visitor_along(known: bool) -> None:
    async with Shop(opened("city"), locked("plan")).open() as shop:
        if known:
            await shop.ping(token=shop.token())
        visitor = await shop.ping(values={"city": "Oslo", "plan": "free"})
        assert visitor.contact_id is not None
        receipt = await shop.ping(token=shop.token(name="Alice"), session=visitor.session)
        alice, guest = shop.user(), shop.contacts()[visitor.contact_id]
        assert (receipt.contact_id, receipt.session) == (alice.id, None)
        assert (alice.holding("city").value, alice.holding("plan").value) == ("Oslo", None)
        assert alice.holding("plan").held is not None
        assert (guest.merged_into, guest.holdings) == (alice.id, {})
        assert kinds(shop, alice.id) == [ChangeKind.CREATED, ChangeKind.MERGED, ChangeKind.UPDATED]
        assert kinds(shop, guest.id)[-1] is ChangeKind.MERGED_AWAY
        merged, away = shop.chain(alice.id)[1], shop.chain(guest.id)[-1]
        assert (merged.facts.other, away.facts.other) == (guest.id, alice.id)
        values = values_of(merged)
        assert values is not None
        assert values.values == {"city": (None, "Oslo")}


async def test_a_burned_session_leads_to_nobody_and_merges_nothing_twice() -> None:
    """Mallory has kept the visitor's session from before Alice signed in on that browser."""
    async with Shop(opened("city")).open() as shop:
        await shop.ping(values={"city": "Oslo"})
        await shop.ping(token=shop.token(), session="spare")
        later = await shop.ping(session="spare", spare="fresh", values={"city": "Rome"})
        assert (later.role, later.session) == (Role.VISITOR, "fresh")
        assert later.contact_id not in (shop.user().id, None)
        before = len(shop.chain(shop.user().id))
        await shop.ping(token=shop.token(), session="spare")
        await shop.ping(token=shop.token("bob"), session="spare")
        assert len(shop.chain(shop.user().id)) == before
        assert shop.holding("city").value == "Oslo"
        assert shop.holding("city", "bob").value is None
        assert kinds(shop, shop.user("bob").id) == [ChangeKind.CREATED]


@pytest.mark.parametrize("claim", [{"user_id": "alice"}, {"email": MAIL}])
async def test_an_unproven_claim_swallows_no_visitor(claim: dict[str, str]) -> None:
    async with Shop(opened("city")).open() as shop:
        visitor = await shop.ping(values={"city": "Oslo"})
        await shop.ping(session="spare", **claim)  # type: ignore[arg-type]
        assert visitor.contact_id is not None
        guest = shop.who(KeyKind.SESSION, "spare")
        assert guest is not None
        assert guest.merged_into is None


@pytest.mark.parametrize(("signed_after", "plan"), [(10, "pro"), (-10, "free")])
async def test_of_two_vouched_plans_a_merge_keeps_the_newer(signed_after: int, plan: str) -> None:
    """Roll-back by a merge: a guest who was given a plan by REST signs in as Alice, whose plan was signed since."""
    async with Shop(opened("plan")).open() as shop:
        guest = await shop.ping(values={"name": "Al"})
        assert guest.contact_id is not None
        fields = Fields(raw_custom={"plan": "free"})
        await shop.committer.submit(UpdateContact(token=BACKEND, contact_id=guest.contact_id, fields=fields))
        shop.now += 20
        await shop.ping(token=shop.token(at=signed_after - 20, plan="pro"))
        await shop.ping(token=shop.token(), session="spare")
        assert shop.holding("plan").value == plan
        old = await shop.ping(token=shop.token(at=-31, plan="old"))
        assert old.verdicts[0].reason is Reason.STALE


async def test_after_an_erasure_the_merged_visitor_is_gone_too() -> None:
    async with Shop().open() as shop:
        await shop.ping(values={"name": "Al"})
        await shop.ping(token=shop.token(), session="spare")
        await shop.erase()
        assert shop.contacts() == {}
        assert (await shop.ping(session="spare", values={"name": "Al"})).role is Role.VISITOR


STATES = ["nobody", "blank", "same", "other", "signed same", "signed other", "behind", "held", "recorded", "merged in"]


async def told(state: str, rule: Attribute, policy: Policy, raw_value: object) -> Receipt:
    """What an unproven caller gets who says `plan` is `raw_value`, with Alice in one state or another."""
    async with Shop(rule, policy=policy).open() as shop:
        if state != "nobody":
            await shop.ping(token=shop.token(at=-50))
        if state in ("same", "other"):
            shop.change_attributes(opened("plan", version=9))
            await shop.ping(token=shop.token(), values={"plan": "pro" if state == "same" else "trial"})
            shop.change_attributes(rule)
        if state in ("signed same", "signed other", "behind", "held"):
            await shop.ping(token=shop.token(plan="pro" if state == "signed same" else "trial"))
        if state == "behind":
            shop.change_attributes(opened("plan", version=9))
            await shop.ping(token=shop.token(), values={"plan": "free"})
            shop.change_attributes(rule)
        if state in ("held", "recorded"):
            for other in ({}, {"phone": []}, {"name": []}):
                await shop.ping(token=shop.token(), values={"plan": raw_value, **other})
            shop.now += 3_600  # the next record tells how often it was ignored before
        if state == "merged in":
            await shop.ping(values={"plan": raw_value})
            await shop.ping(token=shop.token(), session="spare")
        return await shop.ping(user_id="alice", values={"plan": raw_value, "nobody knows it": 1, "user_hash": "x"})


@pytest.mark.parametrize("raw_value", ["pro", None, [], "x" * 256])
@pytest.mark.parametrize("enforcement", list(Enforcement))
async def test_an_unproven_caller_learns_nothing_of_what_is_stored(enforcement: Enforcement, raw_value: object) -> None:
    """The unproven oracle: ask for a value, and read off the answer whether it is Alice's."""
    rule = attribute("plan", enforcement, version=9)
    answers = {}
    for state in STATES:
        receipt = await told(state, rule, Policy(), raw_value)
        assert not receipt.proven
        answers[state] = (receipt.as_told(), receipt.role, receipt.proven, receipt.session)
    assert len(set(map(repr, answers.values()))) == 1, answers


async def test_the_oracle_would_be_one_without_the_veil() -> None:
    """What the test above guards: the true verdicts do differ."""
    rule = monitored("plan", version=9)
    true = {state: (await told(state, rule, Policy(), "pro")).verdicts for state in STATES}
    assert true["same"][0].verdict is Outcome.UNCHANGED
    assert true["other"][0].verdict is Outcome.APPLIED


async def test_what_an_unproven_caller_says_is_no_evidence_and_displaces_none() -> None:
    """Mallory makes noise in Alice's name: her plan stays verified, and what her own browser said stays held."""
    async with Shop(locked("plan")).open() as shop:
        await shop.ping(token=shop.token(plan="pro"))
        await shop.ping(user_id="alice", values={"plan": "noise"})
        held = shop.holding("plan").held
        assert held is not None
        assert (held.value, held.proven) == ("noise", False)
        assert shop.holding("plan").state(held_since=0) is State.VERIFIED
        for claim in ({"token": shop.token()}, {"user_id": "alice", "user_hash": HASH("alice")}):
            await shop.ping(**claim, values={"plan": "free"})
            await shop.ping(user_id="alice", values={"plan": "more noise"})
            held = shop.holding("plan").held
            assert held is not None
            assert (held.value, held.proven) == ("free", True)
        assert shop.holding("plan").state(held_since=0) is State.CONTRADICTED


async def test_a_proven_caller_is_told_the_truth() -> None:
    async with Shop(opened("plan"), policy=Policy(undated_tokens=UndatedTokens.FILL_ONLY)).open() as shop:
        await shop.ping(token=shop.token(plan="pro"))
        receipt = await shop.ping(token=shop.token(at=None, plan="x"), values={"plan": "y"})
        assert receipt.as_told() == receipt.verdicts
        assert receipt.verdicts[0].reason is Reason.UNDATED
