"""What happens when a company's backend says what somebody did? It is stored once, verified where it is vouched for.

- The same event of the same contact at the same second is one event, however often it is told. It is as it was told
  first, unless somebody vouches for it now and nobody did before.
- A summary tells how often something was done elsewhere; it takes the place of an earlier one, and tracked events are
  counted on top of it. It is the company's word or none: there is no mark on it that nobody vouches for it.
- Lists go back 90 days; summaries count everything.

Source: contract/intercom-notes.md §4.2; contract/intercom-openapi.yaml, `createDataEvent`.
"""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from avow.errors import BadInput
from avow.flow.beside.whom import Found, Whom, on_desk, refuse_another
from avow.flow.contacts.callers import Asked, require_vouching, standing_token
from avow.flow.contract import Additions, EventPlace, EventRow, EventSummary, Store
from avow.flow.desk import Desk
from avow.flow.work import Effects, Wants
from avow.trust.access import AccessToken, Mode, Scope
from avow.trust.contact import ContactId, WorkspaceId

LISTED_FOR: Final = 90 * 86_400
MAX_SUMMARISED: Final = 1_000
_FUTURE: Final = 60


class Told(msgspec.Struct, frozen=True):
    """Of whom an event or a summary was told."""

    contact_id: ContactId


class _AskedOfWhom(Asked, frozen=True, kw_only=True):
    """What is told of somebody. `besides` are further names that came along: they must not be somebody else's."""

    whom: Whom
    besides: tuple[Whom, ...] = ()

    @property
    def outcome(self) -> type[Told]:
        """What is kept for a retry."""
        return Told

    def wants(self) -> Wants:
        """Whoever is meant, and whoever else may be."""
        named = [one.wants(self.workspace_id) for one in (self.whom, *self.besides)]
        return Wants(
            tuple(key for one in named for key in one.keys), tuple(one_id for one in named for one_id in one.ids)
        )

    def found(self, desk: Desk, token: AccessToken) -> Found:
        """Who is meant. Raises `NotFound`, `Gone` or `Conflict`, or `BadInput` where two are."""
        found = on_desk(self.whom, desk)
        for other in self.besides:
            refuse_another(found.contact, other, desk, token.mode)
        return found


class TrackEvent(_AskedOfWhom, frozen=True, kw_only=True):
    """One event. `created_at` is whole Unix seconds; `metadata` the text of a JSON object within bounds."""

    name: str
    created_at: int
    metadata: str = "{}"

    def weigh(self, desk: Desk) -> Effects:
        """Store it. Raises `NotFound`, `Gone`, `Conflict`, or `BadInput` for what has not happened yet, or of two."""
        token = standing_token(desk, self.token, Scope.WRITE_CONTACTS)
        _refuse_future("created_at", self.created_at, desk.now)
        found = self.found(desk, token)
        row = EventRow(
            desk.workspace_id,
            found.contact.id,
            _id(found.contact.id, self.name, self.created_at),
            self.name,
            float(self.created_at),
            desk.now,
            _vouched(token, found),
            self.metadata,
        )
        return Effects(Told(found.contact.id), events=(row,), about=found.contact.id)


class SummariseEvents(_AskedOfWhom, frozen=True, kw_only=True):
    """How often somebody did something before anybody tracked it, when first and when last (whole Unix seconds)."""

    name: str
    count: int
    first_at: int
    last_at: int

    def weigh(self, desk: Desk) -> Effects:
        """Keep it. Raises `Forbidden`, `NotFound`, `Gone`, `Conflict`, or `BadInput` as for an event."""
        token = standing_token(desk, self.token, Scope.WRITE_CONTACTS)
        require_vouching(token, "tell a summary, which is vouched for or not told at all")
        _refuse_future("last", self.last_at, desk.now)
        contact = self.found(desk, token).contact
        summary = EventSummary(
            desk.workspace_id, contact.id, self.name, self.count, float(self.first_at), float(self.last_at)
        )
        return Effects(Told(contact.id), beside=Additions(summaries=(summary,)), about=contact.id)


def _refuse_future(field: str, at: int, now: float) -> None:
    if at > now + _FUTURE:
        raise BadInput(f"{field} is in the future. Send Unix seconds of when it happened.", field=field)


def _vouched(token: AccessToken, found: Found) -> bool:
    return token.mode is Mode.VOUCHING and found.sure


def _id(contact_id: ContactId, name: str, created_at: int) -> str:
    """The same for the same event."""
    return hashlib.sha256(f"{contact_id}\0{name}\0{created_at}".encode()).hexdigest()[:24]


async def listed(
    store: Store,
    workspace_id: WorkspaceId,
    contact_id: ContactId,
    *,
    now: float,
    since: float,
    before: EventPlace | None,
    limit: int,
) -> tuple[list[EventRow], bool]:
    """At most `limit` events of the last 90 days, newest first, and whether older ones follow."""
    oldest = max(since, now - LISTED_FOR)
    found = await store.events(workspace_id, contact_id, since=oldest, before=before, limit=limit + 1)
    return found[:limit], len(found) > limit


async def summarised(store: Store, workspace_id: WorkspaceId, contact_id: ContactId) -> list[EventSummary]:
    """How often a contact did what, by name."""
    return await store.event_summaries(workspace_id, contact_id, most=MAX_SUMMARISED)
