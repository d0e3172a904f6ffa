"""One update from its belief to its receipt: what is stored of it, and what its caller is told."""

from __future__ import annotations

import pytest

from avow.errors import Forbidden
from avow.flow.contract import KeyKind
from avow.flow.updates.submissions import Happening
from avow.trust.change import ChangeKind, values_of
from avow.trust.contact import Role, State
from avow.trust.policy import MayCreate, MessengerSecurity, Platform, Policy, UndatedTokens
from avow.trust.reasons import Reason
from tests.support.shop import Shop
from tests.support.world import ACME, NOW, applied, ignored, locked, opened

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


async def test_the_databases_clock_decides_how_young_a_token_can_be() -> None:
    """A process whose clock runs ahead believed it; the second it counts from is not ahead of everybody else's."""
    async with Shop().open() as shop:
        submission = await shop.submission(token=shop.token(plan="pro"))
        shop.now -= 30
        await shop.hand_in(submission)
        source = shop.holding("plan").source
        assert source is not None
        assert source.signed_at == NOW - 30


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
