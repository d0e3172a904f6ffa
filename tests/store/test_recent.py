"""Whoever comes again is decoded once, and never told what stands there no more."""

from __future__ import annotations

import msgspec

from avow.store.contacts import Holdings, decode_holdings
from avow.store.engine.recent import LONGEST, TURN_EVERY, Recent
from avow.trust.contact import Channel, ContactId, Holding, Source

ALICE, BOB = ContactId("a" * 24), ContactId("b" * 24)


def holdings(most: int = 1_024) -> Recent[Holdings]:
    return Recent(decode_holdings, most)


NOW = 1_700_000_000.0


def stored(value: str) -> str:
    holding = Holding(value, Source(Channel.SIGNED, True, "key", 1_700_000_000, 1_700_000_000.5, 1), None, None)
    return msgspec.json.encode({"plan": holding}).decode()


def test_who_comes_again_is_decoded_once() -> None:
    recent = holdings()
    assert recent.decoded(ALICE, stored("pro")) is recent.decoded(ALICE, stored("pro"))


def test_another_text_is_decoded_whoever_wrote_it() -> None:
    recent = holdings()
    recent.keep(ALICE, stored("pro"), recent.decoded(ALICE, stored("pro")))
    assert recent.decoded(ALICE, stored("team"))["plan"].value == "team"
    assert recent.decoded(BOB, stored("pro"))["plan"].value == "pro"


def test_the_newest_are_recent_and_no_more_than_twice_as_many_as_said() -> None:
    recent = holdings(most=2)
    first = recent.decoded(ALICE, stored("pro"))
    for number in range(2):
        recent.decoded(ContactId(f"{number:024}"), stored("pro"))
    assert recent.decoded(ALICE, stored("pro")) is first
    for number in range(4):
        recent.decoded(ContactId(f"{number:024}"), stored("pro"))
    assert recent.decoded(ALICE, stored("pro")) is not first


def test_nothing_of_whoever_is_erased_stays() -> None:
    recent = holdings(most=1)
    first = recent.decoded(ALICE, stored("pro"))
    recent.decoded(BOB, stored("pro"))
    recent.forget(ALICE)
    assert recent.decoded(ALICE, stored("pro")) is not first


def test_who_does_not_come_again_is_forgotten_within_two_turns() -> None:
    recent = holdings()
    recent.turn(NOW)
    first = recent.decoded(ALICE, stored("pro"))
    recent.turn(NOW + TURN_EVERY - 1)
    recent.turn(NOW + TURN_EVERY)
    assert recent.decoded(ALICE, stored("pro")) is first
    recent.turn(NOW + 2 * TURN_EVERY)
    recent.turn(NOW + 3 * TURN_EVERY)
    assert recent.decoded(ALICE, stored("pro")) is not first


def test_what_is_long_fills_no_memory() -> None:
    recent, long = holdings(), stored("x" * LONGEST)
    assert recent.decoded(ALICE, long) is not recent.decoded(ALICE, long)
    assert recent.decoded(ALICE, long) == recent.decoded(ALICE, long)
