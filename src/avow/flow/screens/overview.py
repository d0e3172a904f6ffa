"""How far is this workspace, and how does it fare? Four steps that complete themselves, and the numbers of a week.

1. A signing key that lives. 2. A token of it that was believed. 3. A value that arrived signed. 4. Something that
arrives signed is locked. Each is read from what is there, so that it is done whoever did it, and undone where it is
undone. What else could be locked is recommended beside them, as long as there is any.

Source: spec §8; issue "a checklist that completes itself".
"""

from __future__ import annotations

from typing import Final

import msgspec

from avow.flow.contract import OperatorChange
from avow.flow.engine import Engine
from avow.flow.screens import attributes, keys
from avow.flow.screens.attributes import Row
from avow.trust.contact import WorkspaceId
from avow.trust.keys import Algorithm
from avow.trust.readiness import UNSIGNED
from avow.trust.reasons import OF_VALUES
from avow.trust.traffic import TrafficClass

_HOUR: Final = 3_600
_DAY: Final = 86_400
LATEST_CHANGES: Final = 6


class Progress(msgspec.Struct, frozen=True):
    """Which of the steps are done. `kid` is the key's to sign with; `signed` counts signed values of the last week."""

    has_key: bool
    has_signed: bool
    has_arrived: bool
    has_locked: bool
    kid: str | None
    has_shared_secret: bool

    @property
    def steps(self) -> tuple[bool, ...]:
        """All of them, in order."""
        return self.has_key, self.has_signed, self.has_arrived, self.has_locked

    @property
    def done(self) -> int:
        """How many are done."""
        return sum(self.steps)


class Overview(msgspec.Struct, frozen=True):
    """What is told of a workspace. Numbers are of the last seven days."""

    progress: Progress
    rows: tuple[Row, ...]
    signed: int
    unsigned: int
    contradicting: int
    refused: int
    refused_most: str | None
    recommended: tuple[Row, ...]
    changes: tuple[OperatorChange, ...]

    @property
    def signed_share(self) -> float | None:
        """How much of what arrived was signed; None where nothing came."""
        return self.signed / (self.signed + self.unsigned) if self.signed + self.unsigned else None


async def look(engine: Engine, workspace_id: WorkspaceId) -> Overview:
    """Everything at once."""
    now, store = engine.now(), engine.store
    rows = await attributes.every(store, workspace_id, now)
    uses = await store.key_uses(workspace_id, since_day=int((now - 30 * _DAY) // _DAY))
    refusals: dict[str, int] = {}
    for one in await store.refusals(workspace_id, since_hour=int((now - 7 * _DAY) // _HOUR)):
        if one.reason not in OF_VALUES:
            refusals[one.reason] = refusals.get(one.reason, 0) + one.count
    recommended = attributes.recommended(rows)
    counts = [row.assessment.counts for row in rows]
    return Overview(
        await _progress(engine, workspace_id, rows, used=bool(uses)),
        tuple(rows),
        sum(one[TrafficClass.SIGNED] for one in counts),
        sum(one[kind] for one in counts for kind in UNSIGNED),
        sum(one[TrafficClass.CONTRADICTS] for one in counts),
        sum(refusals.values()),
        max(refusals, key=lambda reason: refusals[reason], default=None),
        tuple(recommended),
        tuple(await store.operator_changes(workspace_id, limit=LATEST_CHANGES)),
    )


async def _progress(engine: Engine, workspace_id: WorkspaceId, rows: list[Row], *, used: bool) -> Progress:
    rules = await engine.rulebook.current(workspace_id)
    found = keys.for_signing(rules.keyring.keys, engine.now())
    arrived = any(row.attribute.ever_signed or row.signed for row in rows)
    best = found[0] if found else None
    return Progress(
        has_key=best is not None,
        has_signed=used or arrived,
        has_arrived=arrived,
        has_locked=attributes.any_locked_and_signed(rows),
        kid=None if best is None else best.kid,
        has_shared_secret=best is not None and best.algorithm is Algorithm.HS256,
    )
