"""How does each signing key fare? Its state at this moment, how often it verified somebody, and who would be shut out.

- Uses are counted by day (UTC). "The last 24 hours" are the days that these hours touch: never less than what arrived.
- A key that is told of here is told without what it is made of being looked at.
- A key that retires soon is no key to fall back upon: what ends with the last key that goes on is said of that one.
- Which key takes over from another one is written nowhere: it is the one that was made since and can do all the same.

Source: spec §4 "Keys".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from avow.errors import NotFound
from avow.flow import keys
from avow.flow.contract import KeyUse
from avow.flow.engine import Engine
from avow.trust.contact import WorkspaceId
from avow.trust.keys import KeyState, Purpose, SigningKey
from avow.trust.policy import Platform

DAYS: Final = 30
_DAY: Final = 86_400
_ORDER: Final = (KeyState.LIVE, KeyState.RETIRING, KeyState.RETIRED, KeyState.REVOKED)


class Respite(msgspec.Struct, frozen=True):
    """On these platforms another key serves for some time: `key`, which retires."""

    key: SigningKey
    platforms: tuple[Platform, ...]


class Row(msgspec.Struct, frozen=True):
    """One key. `days` are its uses on each of the last `DAYS` days, oldest first; `last_used_at` is Unix seconds.

    `alone_on` are the platforms on which no other key of its kind goes on for good; `respites` are the keys that serve
    on some of them until they retire, the last that does so on each.
    """

    key: SigningKey
    state: KeyState
    days: tuple[int, ...]
    last_used_at: float | None
    alone_on: tuple[Platform, ...]
    respites: tuple[Respite, ...]

    @property
    def usable(self) -> bool:
        """Whether it verifies anything now."""
        return self.state in (KeyState.LIVE, KeyState.RETIRING)

    @property
    def forsaken(self) -> tuple[Platform, ...]:
        """The platforms on which nothing is verified from the moment on at which this key ends."""
        served = {platform for one in self.respites for platform in one.platforms}
        return tuple(one for one in self.alone_on if one not in served)

    @property
    def lately(self) -> int:
        """Uses in the last 24 hours, and since the beginning of the day in which they began."""
        return sum(self.days[-2:])

    @property
    def total(self) -> int:
        """Uses in all these days."""
        return sum(self.days)

    @property
    def for_tokens(self) -> bool:
        """Whether it vouches for values, and not for an identity alone."""
        return self.key.purpose is Purpose.TOKEN


async def every(engine: Engine, workspace_id: WorkspaceId) -> list[Row]:
    """All keys: those that live first, the newest of each state before the others."""
    now = engine.now()
    found = await keys.every(engine.store, workspace_id)
    uses = await engine.store.key_uses(workspace_id, since_day=_first_day(now))
    rows = [_row(key, found, [use for use in uses if use.kid == key.kid], now) for key in found]
    return sorted(rows, key=lambda row: _ORDER.index(row.state))


async def one(engine: Engine, workspace_id: WorkspaceId, kid: str) -> Row:
    """One of them. Raises `NotFound`."""
    for row in await every(engine, workspace_id):
        if row.key.kid == kid:
            return row
    raise NotFound("There is no such key in this workspace.", field="kid")


def for_signing(found: Sequence[SigningKey], now: float) -> list[SigningKey]:
    """Those that a backend may sign tokens with at `now` (Unix seconds), the best first: one that lives, the newest."""
    usable = [key for key in found if key.purpose is Purpose.TOKEN and key.verifies_at(now)]
    return sorted(usable, key=lambda key: (_ORDER.index(key.state_at(now)), -key.created_at, key.kid))


def may_follow(row: Row, old: Row) -> bool:
    """Whether it could take over from another one: it lives, and proves the same."""
    return row.state is KeyState.LIVE and row.key.kid != old.key.kid and _alike(row.key, old.key)


def followers(rows: Sequence[Row], old: Row) -> list[Row]:
    """The keys that may have been made to take over from it: since then, for all of its platforms."""
    found = [row for row in rows if may_follow(row, old)]
    return [row for row in found if row.key.created_at >= old.key.created_at and row.key.platforms >= old.key.platforms]


def days(now: float) -> list[int]:
    """The beginnings of the last `DAYS` days, oldest first (Unix seconds, UTC)."""
    return [(_first_day(now) + ahead) * _DAY for ahead in range(DAYS)]


def _first_day(now: float) -> int:
    return int(now // _DAY) - DAYS + 1


def _row(key: SigningKey, found: Sequence[SigningKey], uses: Sequence[KeyUse], now: float) -> Row:
    first = _first_day(now)
    counts = [0] * DAYS
    for use in uses:
        if 0 <= use.day - first < DAYS:
            counts[use.day - first] += use.count
    others = [one for one in found if one.kid != key.kid and _alike(one, key)]
    for_good = {platform for one in others if one.state is KeyState.LIVE for platform in one.platforms}
    alone = tuple(one for one in Platform if one in key.platforms and one not in for_good)
    last = max((use.last_at for use in uses), default=None)
    return Row(key, key.state_at(now), tuple(counts), last, alone, _respites(alone, others, now))


def _alike(one: SigningKey, other: SigningKey) -> bool:
    return one.purpose is other.purpose and one.hashes is other.hashes


def _respites(alone_on: Sequence[Platform], others: Sequence[SigningKey], now: float) -> tuple[Respite, ...]:
    ending = [one for one in others if one.state_at(now) is KeyState.RETIRING]
    ending.sort(key=lambda one: one.retires_at or 0, reverse=True)
    served: dict[str, list[Platform]] = {}
    for platform in alone_on:
        if last := next((one for one in ending if platform in one.platforms), None):
            served.setdefault(last.kid, []).append(platform)
    return tuple(Respite(one, tuple(served[one.kid])) for one in ending if one.kid in served)
