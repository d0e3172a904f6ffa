"""Which segments does every workspace have, and who is in one? A fixed few, each a rule over role and two times.

- A segment is a role and spans of age: `bounds` gives them as times, to ask a database; `holds` asks one contact.
- A span of age is half open: of what happened at least `least` and less than `most` seconds ago.
- What never happened lies in no span.

Both times are the server's own (when somebody was made, when she was last heard of), so that nobody's word counts.
Source: contract/intercom-notes.md §4.2 (`/segments`); spec §9 (audiences).
"""

from __future__ import annotations

from typing import Final

import msgspec

from avow.trust.contact import Role
from avow.trust.words import Word

DAY: Final = 86_400


class Moment(Word):
    """Which time of a contact a span is about."""

    CREATED_AT = "created_at"
    LAST_SEEN_AT = "last_seen_at"


class Age(msgspec.Struct, frozen=True):
    """How long ago: at least `least` and less than `most` seconds."""

    moment: Moment
    least: float
    most: float


class Segment(msgspec.Struct, frozen=True):
    """One of them: `role` and every one of the spans. The id is the same in every workspace."""

    id: str
    name: str
    role: Role
    ages: tuple[Age, ...] = ()

    def bounds(self, now: float) -> tuple[tuple[Moment, float, float], ...]:
        """Each span as times, in Unix seconds: later than the first, not later than the second."""
        return tuple((age.moment, now - age.most, now - age.least) for age in self.ages)

    def holds(self, role: Role, created_at: float, last_seen_at: float | None, now: float) -> bool:
        """Whether somebody of this role and these times is in it."""
        if role is not self.role:
            return False
        times = {Moment.CREATED_AT: created_at, Moment.LAST_SEEN_AT: last_seen_at}
        for moment, after, until in self.bounds(now):
            at = times[moment]
            # A clock that runs behind must not keep somebody out who was seen this second.
            if at is None or not after < min(at, now) <= until:
                return False
        return True


SEGMENTS: Final = (
    Segment("000000000000000000000001", "All users", Role.USER),
    Segment("000000000000000000000002", "All leads", Role.LEAD),
    Segment("000000000000000000000003", "Active", Role.USER, (Age(Moment.LAST_SEEN_AT, 0, 30 * DAY),)),
    Segment("000000000000000000000004", "New", Role.USER, (Age(Moment.CREATED_AT, 0, 7 * DAY),)),
    Segment("000000000000000000000005", "Slipping away", Role.USER, (Age(Moment.LAST_SEEN_AT, 30 * DAY, 60 * DAY),)),
)
BY_ID: Final = {segment.id: segment for segment in SEGMENTS}
