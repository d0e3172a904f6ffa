"""How does each signing key fare? Its state at this moment, how often it verified a token, and who would be shut out.

- Uses are counted by day (UTC). "The last 24 hours" are the days that these hours touch: never less than what arrived.
- A key that is told of here is told without what it is made of being looked at.

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


class Row(msgspec.Struct, frozen=True):
    """One key. `days` are its uses on each of the last `DAYS` days, oldest first; `last_used_at` is Unix seconds.

    `alone_on` are the platforms on which no other key of its purpose would verify anything any more.
    """

    key: SigningKey
    state: KeyState
    days: tuple[int, ...]
    last_used_at: float | None
    alone_on: tuple[Platform, ...]

    @property
    def usable(self) -> bool:
        """Whether it verifies anything now."""
        return self.state in (KeyState.LIVE, KeyState.RETIRING)

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
    found = await keys.every(engine.store, workspace_id, engine.master_key)
    uses = await engine.store.key_uses(workspace_id, since_day=_first_day(now))
    rows = [_row(key, found, [use for use in uses if use.kid == key.kid], now) for key in found]
    return sorted(rows, key=lambda row: _ORDER.index(row.state))


async def one(engine: Engine, workspace_id: WorkspaceId, kid: str) -> Row:
    """One of them. Raises `NotFound`."""
    for row in await every(engine, workspace_id):
        if row.key.kid == kid:
            return row
    raise NotFound("There is no such key in this workspace.", field="kid")


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
    others = [one for one in found if one.kid != key.kid and one.purpose is key.purpose and one.verifies_at(now)]
    served = {platform for one in others for platform in one.platforms}
    alone = tuple(one for one in Platform if one in key.platforms and one not in served)
    last = max((use.last_at for use in uses), default=None)
    return Row(key, key.state_at(now), tuple(counts), last, alone)
