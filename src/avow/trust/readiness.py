"""Is it safe to lock this attribute? What arrived in a stretch of time, weighed and said in words.

1. An unsigned write that contradicts a verified value: look at it first, whatever else arrived.
2. Never seen signed: a lock would end the only way by which the attribute is written.
3. Unsigned writes that fill or change something: somebody's page still depends on them.
4. Unsigned writes that only repeat what is known would not be missed: ready, and said so.

Claims of callers who had not proven whom they speak about are shown apart and never block. Source: spec §8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from avow.trust.traffic import TrafficClass, is_of_page
from avow.trust.words import Word


class Readiness(Word):
    """The state in one word; the sentence beside it says it in several."""

    READY = "ready"
    NOT_YET = "not_yet"
    CONTRADICTED = "contradicted"
    NEVER_SIGNED = "never_signed"


class Writers(msgspec.Struct, frozen=True):
    """How many people wrote it unsigned from one place, as their browsers told it, or of how many an access token, an
    import or a workflow did; `last_at` is Unix seconds.
    """

    label: str
    people: int
    last_at: float


class Assessment(msgspec.Struct, frozen=True):
    """What a stretch of time says. `signed_share` (0 to 1; None: nothing came) leaves unproven claims out.

    `people` is how many different people wrote it unsigned: whoever did from two places is among the writers of both.
    """

    state: Readiness
    sentence: str
    signed_share: float | None
    counts: dict[TrafficClass, int]
    writers: tuple[Writers, ...] = ()
    people: int = 0


UNSIGNED = (TrafficClass.REPEATS, TrafficClass.FILLS, TrafficClass.CHANGES, TrafficClass.CONTRADICTS)
UNPROVEN = tuple(kind for kind in TrafficClass if kind.startswith("unproven_"))


def assess(
    counts: Mapping[TrafficClass, int], writers: Sequence[Writers], *, people: int, ever_signed: bool
) -> Assessment:
    """Weigh one stretch of time. `writers` are of the unsigned classes, different `people` all together; `ever_signed`
    looks beyond the stretch.
    """
    every = {kind: counts.get(kind, 0) for kind in TrafficClass}
    signed, unsigned = every[TrafficClass.SIGNED], sum(every[kind] for kind in UNSIGNED)
    ranked = tuple(sorted(writers, key=lambda one: (-one.people, one.label)))
    state, sentence = _judge(every, ranked, people, ever_signed=ever_signed or signed > 0)
    share = signed / (signed + unsigned) if signed + unsigned else None
    return Assessment(state, sentence, share, every, ranked, people)


def _judge(
    every: Mapping[TrafficClass, int], ranked: Sequence[Writers], people: int, *, ever_signed: bool
) -> tuple[Readiness, str]:
    if every[TrafficClass.CONTRADICTS]:
        return Readiness.CONTRADICTED, "Unsigned writes contradict verified values"
    if not ever_signed:
        return Readiness.NEVER_SIGNED, "Never seen signed"
    if every[TrafficClass.FILLS] or every[TrafficClass.CHANGES]:
        return Readiness.NOT_YET, f"Not yet: {_who(ranked, people)}"
    if every[TrafficClass.REPEATS]:
        return Readiness.READY, "Ready: unsigned writes only repeat what is known"
    return Readiness.READY, "Ready"


def _who(ranked: Sequence[Writers], people: int) -> str:
    if not ranked:
        return "it is still sent unsigned"
    first = ranked[0]
    elsewhere = max(people - first.people, 0)
    there = "1 person" if first.people == 1 else f"{first.people} people"
    others = f" and {elsewhere} elsewhere" if elsewhere else ""
    if not is_of_page(first.label):
        return f"{first.label} still writes it unsigned, of {there}{others}"
    there = f"{there} on {first.label}"
    return f"{there}{others} still {'sends' if first.people + elsewhere == 1 else 'send'} it unsigned"
