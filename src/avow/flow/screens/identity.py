"""May messenger security be required on a platform? How requests proved whom they are about in the last seven days.

1. Nothing named anybody: there is nothing to go by.
2. Nobody proved anything: a requirement would shut everybody out.
3. Some still prove nothing: they, and the pages they came from, are named.
4. Everybody proved it: ready.

Visitors claim to be nobody; no requirement touches them. Source: spec §4 end, §5.4, §8.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec

from avow.flow.bookkeeping.identities import IDENTITIES, PROVEN, TOKENS, Shown, read_kind
from avow.flow.contract import WriterSeen
from avow.flow.engine import Engine
from avow.flow.readiness import HEADLINE, WINDOWS
from avow.trust.contact import WorkspaceId
from avow.trust.policy import MessengerSecurity, Platform
from avow.trust.readiness import Readiness, Writers
from avow.trust.reasons import Reason

_HOUR: Final = 3_600
_DAY: Final = 86_400


class Standing(msgspec.Struct, frozen=True):
    """One platform: what is required there, and what its requests showed. `state` and `sentence` speak of a change."""

    platform: Platform
    security: MessengerSecurity
    counts: dict[Shown, int]
    state: Readiness
    sentence: str

    @property
    def required(self) -> bool:
        """Whether a proof is required."""
        return self.security is MessengerSecurity.REQUIRED

    @property
    def proven(self) -> int:
        """Requests that proved whom they are about."""
        return sum(self.counts[one] for one in PROVEN)

    @property
    def unproven(self) -> int:
        """Requests that named somebody and proved nothing."""
        return self.counts[Shown.UNPROVEN]

    @property
    def by_hash(self) -> int:
        """Those of the proven that used the legacy hash."""
        return self.counts[Shown.HASH]

    @property
    def visitors(self) -> int:
        """Requests of visitors, who claim to be nobody."""
        return self.counts[Shown.VISITOR]

    @property
    def share(self) -> float | None:
        """How many of those who named somebody proved it (0 to 1); None where nobody did."""
        named = self.proven + self.unproven
        return self.proven / named if named else None


class Look(msgspec.Struct, frozen=True):
    """All platforms, who proves nothing still (any platform), and how many were refused for that."""

    platforms: tuple[Standing, ...]
    writers: tuple[Writers, ...]
    refused: int
    tokens: dict[Shown, int]

    @property
    def all_tokens(self) -> int:
        """How many tokens were believed."""
        return sum(self.tokens.values())

    @property
    def undated(self) -> int:
        """How many of them had no `iat`."""
        return self.tokens[Shown.WITHOUT_IAT] + self.tokens[Shown.WITHOUT_DATES]

    @property
    def unending(self) -> int:
        """How many of them had no `exp`."""
        return self.tokens[Shown.WITHOUT_EXP] + self.tokens[Shown.WITHOUT_DATES]


async def look(engine: Engine, workspace_id: WorkspaceId) -> Look:
    """What the last seven days say."""
    store, since = engine.store, engine.now() - WINDOWS[HEADLINE]
    counts: dict[Platform, Counter[Shown]] = {platform: Counter() for platform in Platform}
    for row in await store.traffic(workspace_id, IDENTITIES, since_hour=int(since // _HOUR)):
        if (kind := read_kind(row.kind)) is not None:
            counts[kind[0]][kind[1]] += row.count
    writers = _writers(await store.writers(workspace_id, IDENTITIES, since_day=int(since // _DAY)))
    refusals = await store.refusals(workspace_id, since_hour=int(since // _HOUR))
    policy = (await engine.rulebook.current(workspace_id)).policy
    platforms = tuple(
        _standing(one, policy.messenger_security.get(one, MessengerSecurity.OFF), counts[one]) for one in Platform
    )
    return Look(
        platforms,
        writers,
        sum(row.count for row in refusals if row.reason == Reason.IDENTITY_UNPROVEN),
        {one: sum(each[one] for each in counts.values()) for one in TOKENS},
    )


def _standing(platform: Platform, security: MessengerSecurity, counts: Counter[Shown]) -> Standing:
    state, sentence = _judge(sum(counts[one] for one in PROVEN), counts[Shown.UNPROVEN])
    return Standing(platform, security, {one: counts[one] for one in Shown}, state, sentence)


def _judge(proven: int, unproven: int) -> tuple[Readiness, str]:
    if not proven and not unproven:
        return Readiness.NEVER_SIGNED, "Nobody signed in was seen in 7 days"
    if not proven:
        return Readiness.NEVER_SIGNED, "Nobody proves who they are: sign in your backend first"
    if unproven:
        requests, they = ("1 request", "it is") if unproven == 1 else (f"{unproven:,} requests", "they are")
        return Readiness.NOT_YET, f"Not yet: {requests} in 7 days did not prove whom {they} about"
    return Readiness.READY, "Ready: every request of 7 days proved whom it is about"


def _writers(seen: Sequence[WriterSeen]) -> tuple[Writers, ...]:
    people: dict[str, set[str]] = {}
    last: dict[str, float] = {}
    for row in seen:
        people.setdefault(row.label, set()).add(row.contact_id)
        last[row.label] = max(row.at, last.get(row.label, 0.0))
    found = [Writers(label, len(who), last[label]) for label, who in people.items()]
    return tuple(sorted(found, key=lambda one: (-one.people, one.label)))
