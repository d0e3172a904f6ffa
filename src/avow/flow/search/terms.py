"""By what is a query read? The workspace's attributes and time zone as they are now, and each segment as a question."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from avow.flow.contract.query import Every, Node, Relation, Test
from avow.flow.search.days import zone_of
from avow.flow.search.fields import subject_of
from avow.flow.search.parsing import Terms
from avow.trust.attribute import STANDARD
from avow.trust.audience.segments import SEGMENTS, Segment
from avow.trust.rules import Rules

_ROLE: Final = subject_of("role", STANDARD)


def terms_of(rules: Rules, timezone: str, now: float) -> Terms:
    """The terms at `now` (Unix seconds)."""
    return Terms(rules.attributes, zone_of(timezone), segments_at(now))


def segments_at(now: float) -> Mapping[str, Node]:
    """Who is in each segment at this moment, by its id."""
    return {segment.id: _question(segment, now) for segment in SEGMENTS}


def _question(segment: Segment, now: float) -> Node:
    assert _ROLE is not None
    parts = [Test(_ROLE, Relation.IS, (str(segment.role),))]
    for moment, after, until in segment.bounds(now):
        subject = subject_of(str(moment), STANDARD)
        assert subject is not None
        # A clock that runs behind must not keep somebody out who was seen this second.
        high = None if until >= now else math.nextafter(until, math.inf)
        parts.append(Test(subject, Relation.WITHIN, low=math.nextafter(after, math.inf), high=high))
    return parts[0] if len(parts) == 1 else Every(tuple(parts))
