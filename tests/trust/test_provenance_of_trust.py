"""Who vouched for what is kept is what the records tell: trust slipped in, taken away or moved back is found."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from avow.trust.contact import Channel, Contact, Holding, Role, Slot, Source
from tests.support.history import History
from tests.support.world import (
    BACKEND,
    KID,
    NOW,
    acme_rules,
    backend,
    claimed,
    guest,
    opened,
    relay,
    signed,
    source,
    unsigned,
    vouched,
)

Lie = Callable[[Contact], Contact]
RULES = acme_rules(*map(opened, ("plan", "job", "theme", "size", "team")))


def lived() -> History:
    """Alice, of whom something came by every way: records 1 to 8."""
    history = (
        History(rules=RULES)
        .say(signed({"plan": "free"}, NOW - 900))
        .say(signed({"plan": "pro"}, NOW - 800))
        .say(unsigned({"plan": "top"}))
        .say(relay({"job": "founder"}))
        .say(backend({"name": "Alice"}))
        .say(unsigned({"team": "red"}))
    )
    theirs = guest(theme=claimed("dark"), size=vouched("L"), team=vouched("blue", NOW - 5_000))
    return history.absorb(theirs).rename("alice-2")


def kept(name: str, **facts: object) -> Lie:
    """Another source."""

    def lie(she: Contact) -> Contact:
        holding = she.holding(name)
        return put(she, name, msgspec.structs.replace(holding, source=msgspec.structs.replace(holding.source, **facts)))

    return lie


def holding(name: str, **facts: object) -> Lie:
    """Another value, or another slot."""
    return lambda she: put(she, name, msgspec.structs.replace(she.holding(name), **facts))


def herself(**facts: object) -> Lie:
    return lambda she: msgspec.structs.replace(she, **facts)


def put(she: Contact, name: str, kept: Holding) -> Contact:
    return msgspec.structs.replace(she, holdings={**she.holdings, name: kept})


def messages(history: History, contact: Contact | None = None) -> list[str]:
    return [found.message for found in history.check(contact)]


def test_trust_of_every_kind_is_told() -> None:
    history = lived()
    assert messages(history) == []
    slot = history.contact.holding("team").slot
    assert slot is not None
    assert (slot.value, slot.source.change) == ("blue", 7), "a merge brought it in beside a newer value"


FREE = Slot("free", Source(Channel.SIGNED, True, KID, NOW - 900, NOW - 999.0, 1))
LIES: dict[str, tuple[Lie, str]] = {
    "a relayed value, vouched for": (kept("job", verified=True), "says that nobody vouched for it"),
    "a vouched value, unverified": (kept("name", verified=False), "says that somebody vouched for it"),
    "a vouched value, of another time": (kept("name", received_at=1.0), "claims another time"),
    "a value without a source": (holding("phone", value="+1"), "is stored, and not who wrote it"),
    "no slot": (holding("plan", slot=None), "the newest that vouched, tells"),
    "an older slot": (holding("plan", slot=FREE), "the newest that vouched, tells"),
    "a slot of nobody": (
        holding("theme", slot=Slot("dark", source(Channel.MESSENGER, NOW, verified=False))),
        "no such record tells of it",
    ),
    "a merged value, signed": (
        kept("theme", verified=True, channel=Channel.SIGNED, by=KID),
        "says that nobody vouched for it",
    ),
    "a merged value, relayed": (kept("theme", channel=Channel.API), "claims another channel"),
    "another merged value": (holding("theme", value="light"), "is not the one that this record, its origin, tells"),
    "another merged slot": (holding("size", value="XL"), "is not the one that this record, its origin, tells"),
    "another id": (herself(external_id="mallory"), "its external_id is not the one"),
    "another role": (herself(role=Role.LEAD), "it has an external_id, and a lead has none"),
}


@pytest.mark.parametrize(("lie", "message"), LIES.values(), ids=LIES)
def test_trust_that_no_record_tells_of_is_found(lie: Lie, message: str) -> None:
    history = lived()
    found = messages(history, lie(history.contact))
    assert found
    assert message in found[0]


def test_a_slot_whose_source_vouches_for_nothing_is_found() -> None:
    history = lived()
    she = history.contact
    slot = Slot("dark", she.holding("theme").source)  # type: ignore[arg-type]
    assert messages(history, put(she, "theme", msgspec.structs.replace(she.holding("theme"), slot=slot))) == [
        "the verified value of 'theme' is vouched for by nobody"
    ]


def fallen() -> History:
    """The key that signed `pro` was distrusted, and what it had said before stands again."""
    history = History(rules=RULES).say(signed({"plan": "free"}, NOW - 900)).say(signed({"plan": "pro"}, NOW - 800))
    return history.take_back("plan", Holding("free", FREE.source))


def test_what_stands_again_once_a_key_is_distrusted_is_told() -> None:
    assert messages(fallen()) == []


def test_what_fell_with_its_key_is_found_where_it_counts_as_verified_again() -> None:
    history = History(rules=RULES).say(signed({"plan": "pro"}, NOW - 800))
    source = history.contact.holding("plan").source
    assert source is not None
    history.take_back("plan", Holding("pro", msgspec.structs.replace(source, verified=False, change=2)))
    assert messages(history) == []
    [found] = messages(history, kept("plan", verified=True)(history.contact))
    assert "says that nobody vouched for it" in found


def test_an_older_word_of_whoever_was_merged_may_stand_again() -> None:
    history = History(rules=RULES).say(signed({})).absorb(guest(size=vouched("L")))
    older = Source(Channel.API, True, BACKEND, NOW - 9_000, NOW - 9_000.0, 2)
    history.take_back("size", Holding("M", older))
    assert messages(history) == []


def test_what_vouches_after_that_is_the_slot() -> None:
    history = fallen().say(signed({"plan": "max"}, NOW)).say(unsigned({"plan": "top"}))
    assert messages(history) == []
    [found] = messages(history, holding("plan", slot=FREE)(history.contact))
    assert "the newest that vouched, tells" in found
