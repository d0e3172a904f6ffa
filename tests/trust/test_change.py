"""A change record commits to what happened: nobody rewrites it quietly, and its values can still be forgotten."""

from __future__ import annotations

import hashlib

import msgspec
import pytest

from avow.trust.change import (
    GENESIS,
    SALT_BYTES,
    Change,
    ChangeKind,
    Draft,
    Outcome,
    Values,
    Verdict,
    opened,
    seal,
    values_of,
)
from avow.trust.contact import Channel
from avow.trust.reasons import Reason
from tests.support.world import ACME, ALICE, GUEST, NOW, applied, ignored

SALT = bytes(range(SALT_BYTES))
DRAFT = Draft(
    ChangeKind.UPDATED,
    Channel.SIGNED,
    key="acme-hs",
    token="ab" * 32,
    sdk="web 1",
    verdicts=(applied("plan", Channel.SIGNED), ignored("seats", Reason.STALE, Channel.SIGNED)),
    values={"plan": ("free", "pro"), "seats": (5, 4)},
    origin="https://app.acme.example",
    path="/settings",
)


def sealed(draft: Draft = DRAFT, *, seq: int = 1, previous: bytes = GENESIS, salt: bytes = SALT) -> Change:
    return seal(draft, workspace_id=ACME, contact_id=ALICE, seq=seq, at=float(NOW), previous=previous, salt=salt)


def test_a_record_says_who_did_what_when_and_why() -> None:
    facts = sealed().facts
    assert (facts.workspace_id, facts.contact_id, facts.seq, facts.at) == (ACME, ALICE, 1, NOW)
    assert (facts.kind, facts.channel, facts.key, facts.token) == (
        ChangeKind.UPDATED,
        Channel.SIGNED,
        "acme-hs",
        "ab" * 32,
    )
    assert facts.verdicts == DRAFT.verdicts
    assert msgspec.structs.replace(sealed(msgspec.structs.replace(DRAFT, other=GUEST)).facts).other == GUEST


def test_a_record_comes_back_from_its_bytes() -> None:
    change = sealed()
    assert opened(change.raw_facts, change.raw_values, change.hash) == change
    assert values_of(change) == Values(SALT.hex(), DRAFT.values, DRAFT.origin, DRAFT.path)


def test_the_hash_is_over_the_record_before_and_the_facts() -> None:
    first = sealed()
    second = sealed(seq=2, previous=first.hash)
    assert first.hash == hashlib.sha256(bytes(32) + first.raw_facts).digest()
    assert second.hash == hashlib.sha256(first.hash + second.raw_facts).digest()


def test_the_facts_commit_to_the_values_and_hold_none_of_them() -> None:
    change = sealed(msgspec.structs.replace(DRAFT, values={"plan": ("alice@home.example", "+44 20 7946")}))
    assert change.raw_values is not None
    assert change.facts.commitment == hashlib.sha256(change.raw_values).hexdigest()
    for secret in (b"alice@home", b"7946", b"app.acme.example", b"/settings", SALT.hex().encode()):
        assert secret in change.raw_values
        assert secret not in change.raw_facts


def test_the_same_values_under_another_salt_have_another_commitment() -> None:
    """Without salts, who knows a few plans could still read an erased one off its commitment."""
    assert sealed().facts.commitment != sealed(salt=bytes(SALT_BYTES)).facts.commitment


@pytest.mark.parametrize(
    "other",
    [
        msgspec.structs.replace(DRAFT, kind=ChangeKind.IGNORED),
        msgspec.structs.replace(DRAFT, channel=Channel.API),
        msgspec.structs.replace(DRAFT, key="acme-other"),
        msgspec.structs.replace(DRAFT, actor="teammate:olive"),
        msgspec.structs.replace(DRAFT, token=None),
        msgspec.structs.replace(DRAFT, sdk=None),
        msgspec.structs.replace(DRAFT, other=GUEST),
        msgspec.structs.replace(DRAFT, verdicts=()),
        msgspec.structs.replace(DRAFT, verdicts=DRAFT.verdicts[::-1]),
        msgspec.structs.replace(DRAFT, values={"plan": ("pro", "free"), "seats": (5, 4)}),
        msgspec.structs.replace(DRAFT, values={"plan": ("free", "pro"), "seats": ("5", 4)}),
        msgspec.structs.replace(DRAFT, origin=None),
        msgspec.structs.replace(DRAFT, path="/"),
    ],
)
def test_nothing_in_a_record_can_be_changed_without_changing_its_hash(other: Draft) -> None:
    assert sealed(other).hash != sealed().hash


def test_its_place_is_part_of_a_record() -> None:
    assert len({sealed().hash, sealed(seq=2).hash, sealed(previous=sealed().hash).hash}) == 3


def test_forgetting_the_values_leaves_the_hash_as_it_was() -> None:
    change = sealed()
    forgotten = opened(change.raw_facts, None, change.hash)
    assert values_of(forgotten) is None
    assert forgotten.hash == hashlib.sha256(GENESIS + forgotten.raw_facts).digest()


def test_what_says_nothing_takes_no_room() -> None:
    facts = msgspec.json.decode(sealed(Draft(ChangeKind.CREATED)).raw_facts)
    assert set(facts) == {"workspace_id", "contact_id", "seq", "at", "kind", "commitment"}
    assert msgspec.json.decode(msgspec.json.encode(applied("plan"))) == {
        "name": "plan",
        "verdict": "applied",
        "channel": "messenger",
    }


@pytest.mark.parametrize(
    "value", [None, True, False, 0, -1, 2**63 - 1, 1.5, 1e308, "", "null", "日本", "\x01", "a" * 2048]
)
def test_every_value_that_can_be_kept_can_be_recorded(value: str | int | float | bool | None) -> None:
    change = sealed(msgspec.structs.replace(DRAFT, values={"plan": (value, value)}))
    values = values_of(change)
    assert values is not None
    before, after = values.values["plan"]
    assert (before, type(before)) == (value, type(value))
    assert (after, type(after)) == (value, type(value))


def test_a_verdict_says_how_often_the_same_was_ignored_before() -> None:
    verdict = Verdict("plan", Outcome.IGNORED, Channel.MESSENGER, Reason.UNVERIFIED, again=7)
    change = sealed(msgspec.structs.replace(DRAFT, verdicts=(verdict,)))
    assert opened(change.raw_facts, None, change.hash).facts.verdicts[0].again == 7
