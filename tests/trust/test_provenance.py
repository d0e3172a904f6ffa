"""What is kept of a contact is what its records tell: a value that was slipped in, rolled back or vouched for by nobody
is found.
"""

from __future__ import annotations

import hashlib

import msgspec
import pytest

from avow.trust.attribute import AttributeType
from avow.trust.change import ChangeKind, Values
from avow.trust.contact import Channel, Contact, Holding, Source
from avow.trust.weighing.checks import settled
from tests.support.history import History
from tests.support.world import (
    ALICE,
    GUEST,
    KID,
    NOW,
    acme_rules,
    backend,
    claimed,
    guest,
    held,
    locked,
    observed,
    opened,
    provisional,
    signed,
    slot_of,
    unsigned,
    vouched,
)


def upgraded() -> History:
    return History().say(signed({"plan": "free"}, NOW - 900)).say(signed({"plan": "pro"}, NOW - 800))


def with_plan(contact: Contact, holding: Holding) -> Contact:
    return msgspec.structs.replace(contact, holdings={**contact.holdings, "plan": holding})


def messages(history: History, contact: Contact | None = None) -> list[str]:
    return [found.message for found in history.check(contact)]


def test_values_of_every_door_are_told() -> None:
    history = (
        upgraded()
        .say(backend({"job": "founder"}))
        .say(unsigned({"theme": "dark", "plan": "top"}))
        .say(unsigned({"plan": "pro"}))
        .say(unsigned({"utm_source": "search"}), observed({"utm_source": "podcast"}))
        .say(signed({"plan": None}, NOW - 10))
    )
    assert messages(history) == []


def test_a_value_beside_a_slot_is_told_and_so_is_the_slot() -> None:
    history = upgraded().say(unsigned({"plan": "top"}))
    holding = history.contact.holdings["plan"]
    assert holding.slot is not None
    assert messages(history) == []
    lying = msgspec.structs.replace(holding, slot=msgspec.structs.replace(holding.slot, value="enterprise"))
    assert messages(history, with_plan(history.contact, lying)) == [
        "the value of 'plan' is not the one that this record, its origin, tells"
    ]


def test_a_value_that_was_edited_in_the_contact_is_found() -> None:
    history = upgraded()
    lying = msgspec.structs.replace(history.contact.holdings["plan"], value="enterprise")
    [origin, newest] = history.check(with_plan(history.contact, lying))
    assert (origin.seq, newest.seq) == (2, 2)
    assert "its origin" in origin.message
    assert "the newest about it" in newest.message


def test_a_value_that_was_rolled_back_to_what_an_older_record_tells_is_found() -> None:
    history = History().say(signed({"plan": "free"}, NOW - 900))
    before = history.contact.holdings["plan"]
    history.say(signed({"plan": "pro"}, NOW - 800))
    [found] = history.check(with_plan(history.contact, before))
    assert (found.seq, "the newest about it" in found.message) == (2, True)


def test_an_unsigned_value_that_was_made_verified_is_found() -> None:
    history = History().say(unsigned({"plan": "enterprise"}))
    holding = history.contact.holdings["plan"]
    assert holding.source is not None
    lying = Holding(holding.value, msgspec.structs.replace(holding.source, verified=True))
    assert messages(history, with_plan(history.contact, lying)) == [
        "the value of 'plan' came unsigned and counts as verified"
    ]


@pytest.mark.parametrize("lie", [{"channel": Channel.TEAMMATE}, {"by": "mallorys-key"}], ids=["channel", "key"])
def test_a_value_that_claims_somebody_else_vouched_for_it_is_found(lie: dict[str, object]) -> None:
    history = upgraded()
    source = history.contact.holdings["plan"].source
    assert source is not None
    lying = Holding("pro", msgspec.structs.replace(source, **lie))
    assert messages(history, with_plan(history.contact, lying)) == [
        "the value of 'plan' claims another channel or voucher than this record tells"
    ]


def test_a_value_that_no_record_tells_of_is_found() -> None:
    history = upgraded()
    source = Source(Channel.SIGNED, True, KID, NOW, float(NOW), 7)
    slipped_in = {**history.contact.holdings, "job": Holding("founder", source)}
    [found] = history.check(msgspec.structs.replace(history.contact, holdings=slipped_in))
    assert (found.seq, "no such record tells of it" in found.message) == (7, True)


def test_a_value_that_was_taken_away_is_found() -> None:
    history = upgraded()
    [found] = history.check(msgspec.structs.replace(history.contact, holdings={}))
    assert (found.seq, found.message) == (2, "the value of 'plan' that this record wrote is gone")


def test_a_record_whose_values_were_replaced_by_none_tells_nothing() -> None:
    history = upgraded()
    empty = msgspec.json.encode(Values("00"))
    history.forge(1, commitment=hashlib.sha256(empty).hexdigest())
    history.change(1, raw_values=empty)
    found = messages(history, msgspec.structs.replace(history.contact, head=history.rows[1].hash))
    assert ["its origin" in message or "the newest" in message for message in found] == [True, True]


def test_values_that_were_erased_are_told_by_their_facts_alone() -> None:
    history = upgraded().forget_values()
    assert {found.fault for found in history.check()} == {"values_missing"}


def test_values_that_cannot_be_read_are_reported_once() -> None:
    history = upgraded()
    history.change(1, raw_values=b"{")
    assert [found.fault for found in history.check()] == ["values_edited"]


def test_a_held_value_needs_no_record_of_its_own() -> None:
    history = upgraded()
    holding = msgspec.structs.replace(history.contact.holdings["plan"], held=held("top"))
    assert messages(history, with_plan(history.contact, holding)) == []


def test_a_leftover_fits_the_type_that_its_attribute_was_adopted_with_or_is_held() -> None:
    history = History(rules=acme_rules(provisional("size"), opened("plan"))).say(unsigned({"size": "42"}))
    adopted = opened("size", AttributeType.INTEGER, adopted_at=float(NOW))
    as_number = msgspec.structs.replace(history.contact.holdings["size"], value=42)
    fitting = msgspec.structs.replace(history.contact, holdings={"size": as_number})
    assert history.check(fitting, {"size": adopted}) == []
    assert len(history.check(fitting, {"size": opened("size", AttributeType.INTEGER)})) == 2

    history = History(rules=acme_rules(provisional("size"))).say(unsigned({"size": "large"}))
    put_aside = msgspec.structs.replace(history.contact, holdings={"size": Holding(held=held("large"))})
    assert history.check(put_aside, {"size": adopted}) == []
    assert len(history.check(put_aside, {})) == 1


@pytest.mark.parametrize("adopted_at", [float(NOW), NOW - 7_200.0])
def test_a_leftover_is_known_by_its_type_even_where_the_clock_was_set_back(adopted_at: float) -> None:
    adopted = opened("size", AttributeType.INTEGER, adopted_at=adopted_at)
    for said, standing in (("42", 42), ("large", None)):
        history = History(rules=acme_rules(provisional("size"))).say(unsigned({"size": said}))
        kept = settled(history.contact.holdings["size"], adopted)
        assert kept.value == standing
        assert history.check(msgspec.structs.replace(history.contact, holdings={"size": kept}), {"size": adopted}) == []


def test_a_value_that_was_cleared_does_not_come_back_unseen() -> None:
    """An adoption puts values aside; of a clear there is nothing to put aside."""
    history = History(rules=acme_rules(provisional("size"))).say(unsigned({"size": "42"}))
    before = history.contact.holdings["size"]
    history.say(unsigned({"size": None}))
    adopted = opened("size", AttributeType.INTEGER, adopted_at=float(NOW))
    assert history.check(attributes={"size": adopted}) == []
    rolled_back = msgspec.structs.replace(history.contact, holdings={"size": before})
    assert len(history.check(rolled_back, {"size": adopted})) == 1


def test_what_a_merge_brought_in_is_told_by_it() -> None:
    theirs = guest(theme=claimed("dark"), plan=claimed("top", slot=slot_of("pro")), job=vouched("founder"))
    history = History(rules=acme_rules(locked("plan"), opened("theme"), opened("job"))).say(signed({})).absorb(theirs)
    assert history.contact.holdings["plan"].value == "pro"
    assert messages(history) == []


def test_a_value_that_names_a_merge_which_does_not_tell_of_it_is_found() -> None:
    history = History().say(signed({})).absorb(guest(theme=claimed("dark")))
    source = Source(Channel.SIGNED, True, KID, NOW, float(NOW), 2)
    slipped_in = {**history.contact.holdings, "plan": Holding("pro", source)}
    assert messages(history, msgspec.structs.replace(history.contact, holdings=slipped_in)) == [
        "the value of 'plan' names a merge as its origin that does not tell of it"
    ]


def test_whoever_counts_as_merged_has_a_record_of_it() -> None:
    merged = History(guest()).say(unsigned({"theme": "dark"})).end(ChangeKind.MERGED_AWAY, ALICE)
    assert messages(merged, msgspec.structs.replace(merged.contact, merged_into=ALICE)) == []
    untold = upgraded()
    assert messages(untold, msgspec.structs.replace(untold.contact, merged_into=GUEST)) == [
        "it counts as merged, and no record tells of that"
    ]


TURNS = [ChangeKind.ARCHIVED, ChangeKind.BLOCKED, ChangeKind.UNARCHIVED, ChangeKind.UNBLOCKED, ChangeKind.BLOCKED]


def test_who_was_set_aside_and_brought_back_is_told() -> None:
    history = upgraded()
    for turn in TURNS:
        assert messages(history.turn(turn)) == []


@pytest.mark.parametrize(
    ("turns", "lie", "seq", "message"),
    [
        (TURNS, {"blocked_at": None}, 7, "it counts as never blocked, or as unblocked, and no record tells of that"),
        (TURNS, {"archived_at": NOW}, 5, "it counts as archived, and no record tells of that"),
        (TURNS, {"blocked_at": NOW + 1}, 7, "it counts as blocked, and no record tells of that"),
        ([], {"blocked_at": NOW}, None, "it counts as blocked, and no record tells of that"),
        ([], {"archived_at": NOW}, None, "it counts as archived, and no record tells of that"),
    ],
)
def test_a_block_that_was_lifted_or_laid_on_in_the_database_is_found(
    turns: list[ChangeKind], lie: dict[str, float | None], seq: int | None, message: str
) -> None:
    history = upgraded()
    for turn in turns:
        history.turn(turn)
    [found] = history.check(msgspec.structs.replace(history.contact, **lie))
    assert (found.seq, found.message) == (seq, message)
