"""Whoever comes again is decoded once, and never told what stands there no more."""

from __future__ import annotations

import msgspec

from avow.store.contacts import LONGEST, TURN_EVERY, Remembered
from avow.trust.contact import Channel, ContactId, Holding, Source

ALICE, BOB = ContactId("a" * 24), ContactId("b" * 24)


NOW = 1_700_000_000.0


def stored(value: str) -> str:
    holding = Holding(value, Source(Channel.SIGNED, True, "key", 1_700_000_000, 1_700_000_000.5, 1), None, None)
    return msgspec.json.encode({"plan": holding}).decode()


def test_who_comes_again_is_decoded_once() -> None:
    remembered = Remembered()
    assert remembered.decoded(ALICE, stored("pro")) is remembered.decoded(ALICE, stored("pro"))


def test_another_text_is_decoded_whoever_wrote_it() -> None:
    remembered = Remembered()
    remembered.keep(ALICE, stored("pro"), remembered.decoded(ALICE, stored("pro")))
    assert remembered.decoded(ALICE, stored("team"))["plan"].value == "team"
    assert remembered.decoded(BOB, stored("pro"))["plan"].value == "pro"


def test_the_newest_are_remembered_and_no_more_than_twice_as_many_as_said() -> None:
    remembered = Remembered(most=2)
    first = remembered.decoded(ALICE, stored("pro"))
    for number in range(2):
        remembered.decoded(ContactId(f"{number:024}"), stored("pro"))
    assert remembered.decoded(ALICE, stored("pro")) is first
    for number in range(4):
        remembered.decoded(ContactId(f"{number:024}"), stored("pro"))
    assert remembered.decoded(ALICE, stored("pro")) is not first


def test_nothing_of_whoever_is_erased_stays() -> None:
    remembered = Remembered(most=1)
    first = remembered.decoded(ALICE, stored("pro"))
    remembered.decoded(BOB, stored("pro"))
    remembered.forget(ALICE)
    assert remembered.decoded(ALICE, stored("pro")) is not first


def test_who_does_not_come_again_is_forgotten_within_two_turns() -> None:
    remembered = Remembered()
    remembered.turn(NOW)
    first = remembered.decoded(ALICE, stored("pro"))
    remembered.turn(NOW + TURN_EVERY - 1)
    remembered.turn(NOW + TURN_EVERY)
    assert remembered.decoded(ALICE, stored("pro")) is first
    remembered.turn(NOW + 2 * TURN_EVERY)
    remembered.turn(NOW + 3 * TURN_EVERY)
    assert remembered.decoded(ALICE, stored("pro")) is not first


def test_what_is_long_fills_no_memory() -> None:
    remembered, long = Remembered(), stored("x" * LONGEST)
    assert remembered.decoded(ALICE, long) is not remembered.decoded(ALICE, long)
    assert remembered.decoded(ALICE, long) == remembered.decoded(ALICE, long)
