"""What became of a write, written down so that nobody can quietly rewrite it: change records and their chain.

- A record has two halves. *Facts* (who, when, which verdict and why) stay for ever. *Values* (before, after, page)
  carry a salt and can be erased: the facts hold only a commitment, the SHA-256 of the salted bytes.
- hash = SHA-256(hash of the record before ‖ facts). Editing, dropping or reordering one breaks every later hash.
- Erasing removes the values halves and ends the chain with a tombstone; the chain still verifies.

Both halves are stored as the exact bytes that were hashed. A chain alone does not stop somebody who can rewrite the
whole database: a checkpoint kept elsewhere does. Source: spec §7.
"""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from avow.trust.contact import Channel, ContactId, Scalar, WorkspaceId
from avow.trust.reasons import Reason
from avow.trust.words import Word

GENESIS: Final = bytes(32)
"""What the first record of a chain points at."""
SALT_BYTES: Final = 16


class Outcome(Word):
    """What became of one value."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    IGNORED = "ignored"


class ChangeKind(Word):
    """What happened to the contact."""

    CREATED = "created"
    UPDATED = "updated"
    IGNORED = "ignored"
    MERGED = "merged"
    MERGED_AWAY = "merged_away"
    HELD_ACCEPTED = "held_accepted"
    HELD_DISCARDED = "held_discarded"
    CONVERTED = "converted"
    ARCHIVED = "archived"
    UNARCHIVED = "unarchived"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    TAGGED = "tagged"
    UNTAGGED = "untagged"
    NOTED = "noted"
    SIGNED_OUT = "signed_out"
    ERASED = "erased"
    DISTRUSTED = "distrusted"


class Verdict(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What became of one value, and why: one line of a receipt.

    `name` is the attribute's resolved name, or the name as it was sent (shortened) where it resolves to none.
    `again` says how often the same had been ignored since it was recorded last. `unvouched` tells of a channel by which
    values come either way (REST, imports, automations) that nobody vouched for this one; and of one that was put aside,
    put back or taken in bulk, that whoever did so vouched for nothing.
    """

    name: str
    verdict: Outcome
    channel: Channel
    reason: Reason | None = None
    again: int = 0
    unvouched: bool = False


class Facts(msgspec.Struct, frozen=True, omit_defaults=True):
    """The half that stays. `at` is Unix seconds, `token` the hex SHA-256 of a token's signed part, never the token.

    `key` is the kid of the key that vouched, `actor` whoever else did; `other` the partner of a merge.
    """

    workspace_id: WorkspaceId
    contact_id: ContactId
    seq: int
    at: float
    kind: ChangeKind
    commitment: str
    channel: Channel | None = None
    actor: str | None = None
    key: str | None = None
    token: str | None = None
    sdk: str | None = None
    other: ContactId | None = None
    verdicts: tuple[Verdict, ...] = ()


class Values(msgspec.Struct, frozen=True, omit_defaults=True):
    """The half that can be erased: per attribute (before, after), the page that sent it, and the salt (hex)."""

    salt: str
    values: dict[str, tuple[Scalar, Scalar]] = {}
    origin: str | None = None
    path: str | None = None


class Draft(msgspec.Struct, frozen=True):
    """A change before it has a place in the chain: what the weighing knows of it."""

    kind: ChangeKind
    channel: Channel | None = None
    actor: str | None = None
    key: str | None = None
    token: str | None = None
    sdk: str | None = None
    other: ContactId | None = None
    verdicts: tuple[Verdict, ...] = ()
    values: dict[str, tuple[Scalar, Scalar]] = {}
    origin: str | None = None
    path: str | None = None


class Change(msgspec.Struct, frozen=True):
    """One sealed record as it is stored: both halves as bytes, and the chain's hash over them."""

    facts: Facts
    raw_facts: bytes
    raw_values: bytes | None
    hash: bytes


_encode = msgspec.json.Encoder().encode
_decode_facts = msgspec.json.Decoder(Facts).decode
_decode_values = msgspec.json.Decoder(Values).decode


def seal(
    draft: Draft, *, workspace_id: WorkspaceId, contact_id: ContactId, seq: int, at: float, previous: bytes, salt: bytes
) -> Change:
    """Give a draft its place: number it, commit to its values, chain it to the record before (`previous`, 32 bytes)."""
    raw_values = _encode(Values(salt.hex(), draft.values, draft.origin, draft.path))
    facts = Facts(
        workspace_id,
        contact_id,
        seq,
        at,
        draft.kind,
        hashlib.sha256(raw_values).hexdigest(),
        draft.channel,
        draft.actor,
        draft.key,
        draft.token,
        draft.sdk,
        draft.other,
        draft.verdicts,
    )
    raw_facts = _encode(facts)
    return Change(facts, raw_facts, raw_values, hashlib.sha256(previous + raw_facts).digest())


def opened(raw_facts: bytes, raw_values: bytes | None, stored_hash: bytes) -> Change:
    """A stored record, decoded. Not checked here: whether the chain holds (`verify_chain`)."""
    return Change(_decode_facts(raw_facts), raw_facts, raw_values, stored_hash)


def values_of(change: Change) -> Values | None:
    """The erasable half, or None once it has been erased."""
    return None if change.raw_values is None else _decode_values(change.raw_values)
