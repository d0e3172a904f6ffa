"""Where does a contact stand in lists? By the hour in which she was seen, the day of her last change, and by doubt.

- So an index moves once an hour and once a day at most, however often she comes; the exact times stand in her row.
- `contradicted_until` is the time up to which a value of hers is contradicted, as `Holding.state` tells it: `FOREVER`
  where the value itself is, the last time of a held value where it contradicts until it expires, else None.

Source: spec §3 (states); performance.md.
"""

from __future__ import annotations

from typing import Final

from avow.trust.contact import Contact, Holding

HOUR: Final = 3_600
DAY: Final = 86_400
"""Seconds."""
NEVER: Final = -1
"""The hour of whoever was not seen at all: the last in a list that begins with the latest."""
FOREVER: Final = 1e18
NAMES: Final = ("seen_hour", "changed_day", "contradicted_until")

Places = tuple[int, int, float | None]
"""The values of `NAMES`."""


def places_of(contact: Contact) -> Places:
    """Where she stands."""
    until = None
    for holding in contact.holdings.values():
        if holding.held is not None or holding.slot is not None:
            until = _later(until, _contradicted_until(holding))
    return whole(contact.last_seen_at, HOUR), whole(contact.updated_at, DAY), until


def whole(at: float | None, unit: int) -> int:
    """The hour or day, counted since 1970, that a time (Unix seconds) is in."""
    return NEVER if at is None else int(at // unit)


def _contradicted_until(holding: Holding) -> float | None:
    if holding.source is None or not holding.source.verified:
        return None if holding.slot is None else FOREVER
    held = holding.held
    return held.last_at if held is not None and held.proven and held.value != holding.value else None


def _later(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else max(one, other)
