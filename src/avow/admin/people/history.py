"""What has become of her, in words? One entry for each change record: what happened, who, when, and why not.

Records tell more than one can read at a glance: the numbers, hashes and digests of a record stay with REST.
Source: spec §7.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from avow.admin.activity import reasons
from avow.admin.frame.words import channel as channel_words
from avow.admin.people.voices import Voice, Voices
from avow.trust.change import Change, ChangeKind, Facts, Outcome, Values, Verdict, values_of
from avow.trust.contact import Channel, ContactId, Scalar
from avow.trust.reasons import Reason

_TOLD: Final = {
    ChangeKind.CREATED: ("plus", "Created"),
    ChangeKind.UPDATED: ("edit", "Updated"),
    ChangeKind.IGNORED: ("hand", "Ignored"),
    ChangeKind.MERGED: ("merge", "Somebody became part of this person"),
    ChangeKind.MERGED_AWAY: ("merge", "Became part of somebody else"),
    ChangeKind.HELD_ACCEPTED: ("check", "Held value accepted"),
    ChangeKind.HELD_DISCARDED: ("close", "Held value discarded"),
    ChangeKind.CONVERTED: ("user", "Became a lead"),
    ChangeKind.ARCHIVED: ("archive", "Archived"),
    ChangeKind.UNARCHIVED: ("undo", "Brought back from the archive"),
    ChangeKind.BLOCKED: ("hand", "Blocked"),
    ChangeKind.UNBLOCKED: ("undo", "Unblocked"),
    ChangeKind.TAGGED: ("tag", "Tagged"),
    ChangeKind.UNTAGGED: ("tag", "Tag taken off"),
    ChangeKind.NOTED: ("message", "Note written"),
    ChangeKind.SIGNED_OUT: ("leave", "Signed out everywhere"),
    ChangeKind.ERASED: ("trash", "Erased"),
    ChangeKind.DISTRUSTED: ("alert", "A key is trusted no more"),
}
_MOST_LINES: Final = 40


class Line(msgspec.Struct, frozen=True):
    """What became of one value. `known`: before and after are still told; `reason` a code, `why` its words.

    `way` is the channel, in words, where it is another one than the record's.
    """

    name: str
    outcome: str
    before: Scalar = None
    after: Scalar = None
    known: bool = False
    reason: str = ""
    why: str = ""
    explained: str = ""
    again: int = 0
    unvouched: bool = False
    way: str = ""


class Entry(msgspec.Struct, frozen=True):
    """One record. `quiet`: nothing was applied; `other` is the partner of a merge; `detail` is a tag's name."""

    seq: int
    kind: str
    icon: str
    title: str
    at: float
    voice: Voice
    lines: tuple[Line, ...]
    more: int
    quiet: bool
    other: ContactId | None
    detail: str
    origin: str
    path: str
    sdk: str


def entries(changes: Iterable[Change], voices: Voices) -> tuple[Entry, ...]:
    """The records in words, in the order in which they come."""
    return tuple(_entry(change, voices) for change in changes)


def _entry(change: Change, voices: Voices) -> Entry:
    facts, kept = change.facts, values_of(change)
    aside = _is_aside(facts)
    icon, title = ("hand", "Put aside at a lock") if aside else _TOLD[facts.kind]
    lines = _lines(facts, kept)
    return Entry(
        facts.seq,
        facts.kind,
        icon,
        title,
        facts.at,
        voices.of_record(facts.channel, facts.key or facts.actor, facts.channel),
        lines[:_MOST_LINES],
        max(0, len(lines) - _MOST_LINES),
        facts.kind is ChangeKind.IGNORED and not aside,
        facts.other,
        _detail(kept),
        "" if kept is None else kept.origin or "",
        "" if kept is None else kept.path or "",
        facts.sdk or "",
    )


def _is_aside(facts: Facts) -> bool:
    """Whether a teammate put a value aside, which a page would have been ignored with (`flow/screens/leftovers.py`).

    A distrusted key leaves records of the same form, with a reason of their own (`flow/distrust/falling.py`).
    """
    if facts.kind is not ChangeKind.IGNORED or facts.channel is not None or facts.actor is None:
        return False
    return all(one.reason is Reason.UNVERIFIED for one in facts.verdicts)


def _lines(facts: Facts, kept: Values | None) -> tuple[Line, ...]:
    values = {} if kept is None else kept.values
    told = [_line(one, values.get(one.name), facts.channel) for one in facts.verdicts]
    if _is_aside(facts):
        return tuple(msgspec.structs.replace(one, outcome="aside", reason="", way="") for one in told)
    if facts.kind in (ChangeKind.TAGGED, ChangeKind.UNTAGGED, ChangeKind.NOTED):
        return tuple(told)
    named = {one.name for one in facts.verdicts}
    rest = [Line(name, "applied", *pair, known=True) for name, pair in values.items() if name not in named]
    return (*rest, *told)


def _line(verdict: Verdict, pair: tuple[Scalar, Scalar] | None, usual: Channel | None) -> Line:
    before, after = pair or (None, None)
    reason = verdict.reason or ""
    return Line(
        verdict.name,
        "ignored" if verdict.verdict is Outcome.IGNORED else str(verdict.verdict),
        before,
        after,
        pair is not None,
        reason,
        reasons.words(reason) if reason else "",
        reasons.explained(reason) if reason else "",
        verdict.again,
        verdict.unvouched,
        "" if verdict.channel is usual else channel_words(verdict.channel),
    )


def _detail(kept: Values | None) -> str:
    pair = kept.values.get("tag_name") if kept is not None else None
    name = (pair[1] or pair[0]) if pair is not None else None
    return name if isinstance(name, str) else ""
