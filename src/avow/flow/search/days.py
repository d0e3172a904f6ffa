"""On which day is a moment? Dates are matched by calendar days of the workspace's time zone.

Days are as long as they are there: 23 or 25 hours where clocks are turned. Source: contract/intercom-notes.md §4.4.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

FIRST: Final = -62_135_510_400
LAST: Final = 253_402_128_000
"""A day inside what calendars here can tell, at either end (Unix seconds)."""


def zone_of(name: str) -> tzinfo:
    """The time zone of that name; UTC where this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def day_of(seconds: int, zone: tzinfo) -> tuple[int, int]:
    """The day that a moment is in: its first second, and the first one of the next day (Unix seconds)."""
    day = datetime.fromtimestamp(min(max(seconds, FIRST), LAST), zone).date()
    return _midnight(day.toordinal(), zone), _midnight((day + timedelta(days=1)).toordinal(), zone)


def _midnight(ordinal: int, zone: tzinfo) -> int:
    return int(datetime.fromordinal(ordinal).replace(tzinfo=zone).timestamp())
