"""What the flows ask of a database for screens: everything of a workspace in one statement, summed up there.

The sums go through counters, never through contacts: they cost what was counted, not how many people there are.
Source: spec §7 (traffic counters), §8.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

import msgspec

from avow.flow.contract.query import Subject
from avow.trust.contact import Contact, ContactId, Holding, WorkspaceId


class TrafficSum(msgspec.Struct, frozen=True):
    """How often one class of write reached an attribute since some hour, and the last hour in which it did."""

    attribute: str
    kind: str
    count: int
    last_hour: int


class WriterSum(msgspec.Struct, frozen=True):
    """How many people wrote an attribute unsigned from one place since some day, and when last (Unix seconds)."""

    attribute: str
    label: str
    people: int
    last_at: float


class PeopleSum(msgspec.Struct, frozen=True):
    """How many different people wrote an attribute unsigned since some day, wherever they did."""

    attribute: str
    people: int


class LeftoverCount(msgspec.Struct, frozen=True):
    """How many values nobody vouched for, among how many people. `oldest`: where to go on, None at the end.

    `over` of the values stand where something else was vouched for before.
    """

    values: int
    among: int
    oldest: ContactId | None = None
    over: int = 0


class HeldSlice(msgspec.Struct, frozen=True):
    """Those of `among` people for whom a value is held, newest first. `oldest`: where to go on, None at the end."""

    contacts: tuple[Contact, ...]
    among: int
    oldest: ContactId | None = None


class ScreenReads(Protocol):
    """Reads for screens. `newest` is a text that differs once there is something new of that kind.

    The words of `newest` are `traffic`, `changes` and `refusals`; `hour` is the present one (Unix hours).
    `people_sums` and `count_writers` count whoever wrote from several places once: of each attribute, and of all of
    these attributes together. `leftovers` are the contacts, by id, whose current value nobody vouched for; `changed`
    those that changed since then (Unix seconds): both look through everybody, so they are for whoever asks once.
    `count_leftovers` looks at the newest `among` contacts older than `before`, and so does `held_among`, which stops at
    `limit` that it finds; what became part of somebody else is no person any more, and is not counted. `doubted` are
    contacts that wrote the attribute unsigned since some day, and those of whom anything was ignored, at most `limit`
    of either, the latest first: among them are those whose values are worth a look.

    All of them go by what is stored. `unsettled` are values, of the same newest contacts, that the adoption of their
    attribute may have put aside since: whoever asked weighs them (`flow/search/adoption.py`), and subtracts them or has
    them looked for `besides`.
    """

    async def newest(self, workspace_id: WorkspaceId, what: str, *, hour: int) -> str: ...
    async def traffic_sums(self, workspace_id: WorkspaceId, *, since_hour: int) -> list[TrafficSum]: ...
    async def writer_sums(
        self, workspace_id: WorkspaceId, attributes: Sequence[str], *, since_day: int
    ) -> list[WriterSum]: ...
    async def people_sums(
        self, workspace_id: WorkspaceId, attributes: Sequence[str], *, since_day: int
    ) -> list[PeopleSum]: ...
    async def count_writers(self, workspace_id: WorkspaceId, attributes: Sequence[str], *, since_day: int) -> int: ...
    async def leftovers(
        self, workspace_id: WorkspaceId, attribute: str, *, after: ContactId | None, limit: int
    ) -> list[ContactId]: ...
    async def count_leftovers(
        self, workspace_id: WorkspaceId, attributes: Sequence[str], *, before: ContactId | None, among: int
    ) -> LeftoverCount: ...
    async def unsettled(
        self, workspace_id: WorkspaceId, subject: Subject, *, before: ContactId | None, among: int
    ) -> dict[ContactId, Holding]: ...
    async def changed(
        self, workspace_id: WorkspaceId, *, since: float, after: ContactId | None, limit: int
    ) -> list[ContactId]: ...
    async def held_among(
        self,
        workspace_id: WorkspaceId,
        attribute: str,
        *,
        before: ContactId | None,
        among: int,
        limit: int,
        besides: Collection[ContactId] = (),
    ) -> HeldSlice: ...
    async def doubted(
        self, workspace_id: WorkspaceId, attribute: str, *, since_day: int, limit: int
    ) -> list[Contact]: ...
