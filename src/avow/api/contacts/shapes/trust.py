"""Which shape has what is told of trust: provenance, change records, held values?

Source: spec §3, §6, §7.
"""

from __future__ import annotations

from avow.api.shapes import Count, Pages
from avow.trust.change import ChangeKind, Outcome
from avow.trust.contact import Channel, State
from avow.trust.reasons import Reason
from avow.web.operations import ContactId, Exactly, Scalar, Seconds, Told


class Vouched(Told, frozen=True, kw_only=True):
    """A value and who wrote it: the key that signed (`key_id`) or whoever else (`actor`), in which change."""

    value: Scalar
    channel: Channel | None
    verified: bool
    key_id: str | None
    actor: str | None
    signed_at: Seconds | None
    received_at: Seconds | None
    change: Count | None


class HeldFacts(Told, frozen=True, kw_only=True):
    """The last value that was ignored, and where it came from, as its browser told it. `aside`: a lock put it here."""

    value: Scalar
    version: Count
    channel: Channel
    proven: bool
    aside: bool
    count: Count
    first_at: Seconds
    last_at: Seconds
    origin: str | None
    path: str | None


class Standing(Vouched, frozen=True, kw_only=True):
    """A current value, whether it is verified, and what stands beside it: the verified slot, the held value."""

    state: State
    reason: Reason | None
    slot: Vouched | None
    held: HeldFacts | None


class Provenance(Told, tag_field="type", tag="provenance", frozen=True, kw_only=True):
    """Who vouched for each value of a contact, by the attribute's name."""

    contact_id: ContactId
    attributes: dict[str, Standing]


class HeldValue(HeldFacts, tag_field="type", tag="held_value", frozen=True, kw_only=True):
    """The last value of an attribute that was ignored, waiting for somebody to decide."""

    name: str


class HeldList(Told, tag_field="type", tag="list", frozen=True, kw_only=True):
    """What was ignored last, by attribute."""

    data: list[HeldValue]


class DecideHeld(Exactly, frozen=True, kw_only=True):
    """Which version of the held value was seen; another one by now is a 409."""

    version: int


class RecordedVerdict(Told, frozen=True, kw_only=True):
    """What became of one value. `again` is how often the same had been ignored since it was recorded last, `unvouched`
    tells that nobody vouched for what was written, by a channel that vouches elsewhere.
    """

    name: str
    verdict: Outcome
    reason: Reason | None
    channel: Channel
    again: Count
    unvouched: bool


class BeforeAndAfter(Told, frozen=True, kw_only=True):
    """A value before and after a change."""

    before: Scalar
    after: Scalar


class Change(Told, tag_field="type", tag="change", frozen=True, kw_only=True):
    """One change record. `values` is null once they have run out or were erased; `hash` chains it to the one before."""

    seq: Count
    at: Seconds
    kind: ChangeKind
    channel: Channel | None
    actor: str | None
    key_id: str | None
    token_digest: str | None
    sdk: str | None
    other_contact_id: ContactId | None
    origin: str | None
    path: str | None
    verdicts: list[RecordedVerdict]
    values: dict[str, BeforeAndAfter] | None
    hash: str


class ChangeList(Told, tag_field="type", tag="list", frozen=True, kw_only=True):
    """Change records, newest first."""

    data: list[Change]
    pages: Pages
