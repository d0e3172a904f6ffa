"""How is everything found that a key vouched for? By its change records, step by step, beside whatever else is written.

1. `begin` revokes the key and writes down since when it is distrusted: nothing that it signed is committed after that.
2. `sweep` goes through the key's records, those since then first; those before may have had their second raised. Each
   contact is weighed in the transaction that writes, so no update is lost and none escapes.

Done twice, it changes nothing more: whoever was interrupted begins again. A dry run (`rehearse`) tells the same and
writes nothing. Source: spec §4 "Keys" (distrust).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from math import inf
from typing import Final

import msgspec

from avow.errors import BadInput, NotFound, Unavailable
from avow.flow import keys
from avow.flow.contract import RecordPlace
from avow.flow.distrust.evidence import gather, newest_of
from avow.flow.distrust.falling import Falling, Lost, weigh_all
from avow.flow.engine import Engine
from avow.flow.rulebook import opened
from avow.trust.change import ChangeKind, Facts
from avow.trust.contact import Contact, ContactId, WorkspaceId
from avow.trust.keys import SigningKey
from avow.trust.rules import Rules
from avow.trust.weighing.distrust import Doubt, Fall

STEP: Final = 500
"""Records looked at in one step."""
AT_ONCE: Final = 32
READERS: Final = 2
"""Contacts whose records are read at once: whoever else reads has to find room."""
ATTEMPTS: Final = 20
_CURSOR: Final = re.compile(r"([01])_([0-9]{1,12}(?:\.[0-9]{1,9})?)_([0-9a-f]{24})_([0-9]{1,15})")


class Finding(msgspec.Struct, frozen=True):
    """One contact that lost something, and what became of each attribute."""

    contact_id: ContactId
    falls: dict[str, Fall]


class Step(msgspec.Struct, frozen=True):
    """What one step found. `merges` are pairs: into whom, and who. `cursor` leads on; None: everything is done.

    `created` and `merges` are what the key proved since the doubt; they stay as they are. `gone` counts the records of
    contacts that were erased since.
    """

    records: int
    findings: tuple[Finding, ...]
    created: tuple[ContactId, ...]
    merges: tuple[tuple[ContactId, ContactId], ...]
    gone: int
    cursor: str | None


async def up_to(steps: AsyncIterator[Step], records: int) -> Step:
    """Steps, as one, until so many records have been looked at or everything is done."""
    whole = await anext(steps)
    while whole.cursor is not None and whole.records < records:
        step = await anext(steps)
        whole = Step(
            whole.records + step.records,
            _joined([*whole.findings, *step.findings]),
            whole.created + step.created,
            whole.merges + step.merges,
            whole.gone + step.gone,
            step.cursor,
        )
    return whole


class Place(msgspec.Struct, frozen=True):
    """Where to go on: 0 among the records since the doubt, 1 among those before; behind the one seen last."""

    part: int = 0
    past: RecordPlace | None = None


START: Final = Place()


def place_of(cursor: str | None) -> Place:
    """Where a cursor leads (None: to the start). Raises `BadInput` for what is none."""
    if cursor is None:
        return START
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        message = "starting_after is no cursor of this list. Take it from next of the step before."
        raise BadInput(message, field="starting_after", code="client_error")
    place = RecordPlace(float(match[2]), ContactId(match[3]), int(match[4]))
    return Place(int(match[1]), place if place.seq else None)


async def begin(engine: Engine, workspace_id: WorkspaceId, kid: str, *, since: float, actor: str) -> SigningKey:
    """Revoke and distrust the key. Raises `NotFound` or `BadInput`."""
    key = await keys.distrust(
        engine.store,
        workspace_id,
        kid,
        since=since,
        entropy=engine.entropy,
        actor=actor,
    )
    await engine.rulebook.confirm()
    return key


async def rehearse(
    engine: Engine, workspace_id: WorkspaceId, kid: str, *, since: float, place: Place = START
) -> AsyncIterator[Step]:
    """What distrusting the key since then would do, step by step. Raises `NotFound` or `BadInput`."""
    rules = await _rules(engine, workspace_id)
    key = keys.doubtable(keys.known(rules.keyring, kid), since, engine.now())
    earliest = since if key.distrusted_since is None else min(since, key.distrusted_since)
    async for step in _Sweep(engine, workspace_id, Doubt(kid, earliest), rules, None).steps(place):
        yield step


async def sweep(
    engine: Engine, workspace_id: WorkspaceId, key: SigningKey, *, actor: str, place: Place = START
) -> AsyncIterator[Step]:
    """Let fall what the distrusted `key` vouched for, step by step. The engine runs."""
    since = inf if key.distrusted_since is None else key.distrusted_since
    rules = await _rules(engine, workspace_id)
    async for step in _Sweep(engine, workspace_id, Doubt(key.kid, since), rules, actor).steps(place):
        yield step


async def _rules(engine: Engine, workspace_id: WorkspaceId) -> Rules:
    """The rules as they are stored now, not as they were a second ago."""
    raw = await engine.store.rules(workspace_id)
    if raw is None:
        raise NotFound(f"There is no workspace {workspace_id!r}.", code="workspace_not_found")
    return opened(raw, engine.master_key)


@dataclass(slots=True)
class _Sweep:
    """One going-through. `actor` is None where nothing is to be written; `reading` bounds what it asks at once."""

    engine: Engine
    workspace_id: WorkspaceId
    doubt: Doubt
    rules: Rules
    actor: str | None
    reading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(READERS))

    async def steps(self, place: Place) -> AsyncIterator[Step]:
        """Both parts: the records since the doubt, and those before."""
        part, past = place.part, place.past
        while True:
            step, past = await self._step(part, past)
            if past is None:
                part += 1
            more = part < 2
            yield msgspec.structs.replace(step, cursor=_cursor(part, past) if more else None)
            if not more:
                return

    async def _step(self, part: int, past: RecordPlace | None) -> tuple[Step, RecordPlace | None]:
        since, before = (self.doubt.since, inf) if part == 0 else (0.0, self.doubt.since)
        told = await self.engine.store.changes_by_key(
            self.workspace_id, self.doubt.kid, since=since, before=min(before, _END), past=past, limit=STEP
        )
        records = [facts for facts in told if facts.kind is not ChangeKind.DISTRUSTED]
        newest = {facts.contact_id: facts.seq for facts in records}
        bound = asyncio.Semaphore(AT_ONCE)

        async def one(contact_id: ContactId, seq: int) -> list[Finding] | None:
            async with bound:
                return await self._contact(contact_id, seq)

        looked = await asyncio.gather(*(one(*place) for place in newest.items()))
        recent = records if part == 0 else []
        step = Step(
            len(told),
            _joined([finding for findings in looked for finding in findings or ()]),
            tuple(facts.contact_id for facts in recent if facts.kind is ChangeKind.CREATED),
            tuple(_merges(recent)),
            sum(findings is None for findings in looked),
            None,
        )
        last = told[-1] if len(told) == STEP else None
        return step, RecordPlace(last.at, last.contact_id, last.seq) if last is not None else None

    async def _contact(self, contact_id: ContactId, seq: int) -> list[Finding] | None:
        """Let fall what one contact holds, or whoever she was merged into. None: she was erased."""
        wanted: int | None = seq
        for _ in range(ATTEMPTS):
            async with self.reading:
                contact = await self.engine.store.contact(self.workspace_id, contact_id)
            if contact is None:
                return None
            if contact.merged_into is not None:
                contact_id, wanted = contact.merged_into, None
                continue
            lost = await self._lose(contact, wanted)
            if lost.gone:
                return None
            if lost.into is not None:
                contact_id, wanted = lost.into, None
            elif lost.again:
                self.rules = await _rules(self.engine, self.workspace_id)
            else:
                return [Finding(contact_id, lost.falls)] if lost.falls else []
        raise Unavailable("A contact was changing all the time. Begin again: what was done stays done.")

    async def _lose(self, contact: Contact, seq: int | None) -> Lost:
        store, doubt = self.engine.store, self.doubt
        async with self.reading:
            evidence = await gather(store, contact, self.rules.keyring, doubt)
        fallen = weigh_all(contact, self.rules, doubt, evidence)
        if fallen == {}:
            return Lost()
        if self.actor is not None:
            work = Falling(
                workspace_id=self.workspace_id,
                contact_id=contact.id,
                kid=doubt.kid,
                actor=self.actor,
                evidence=evidence,
            )
            lost: Lost = await self.engine.committer.submit(work)
            return lost
        # Every record of the key leads here; the contact is told of at its newest one only.
        async with self.reading:
            newest = await newest_of(store, contact, doubt.kid)
        told = fallen if fallen is not None and newest == seq else {}
        return Lost({name: one.fall for name, one in told.items()}, again=fallen is None)


_END: Final = 1e12
"""Later than any record."""


def _joined(findings: list[Finding]) -> tuple[Finding, ...]:
    """One finding a contact: several may have been merged into the same one."""
    joined: dict[ContactId, dict[str, Fall]] = {}
    for finding in findings:
        joined.setdefault(finding.contact_id, {}).update(finding.falls)
    return tuple(Finding(contact_id, falls) for contact_id, falls in joined.items())


def _merges(records: list[Facts]) -> list[tuple[ContactId, ContactId]]:
    return [
        (facts.contact_id, facts.other)
        for facts in records
        if facts.kind is ChangeKind.MERGED and facts.other is not None
    ]


def _cursor(part: int, past: RecordPlace | None) -> str:
    at, contact_id, seq = (past.at, past.contact_id, past.seq) if past is not None else (0.0, "0" * 24, 0)
    return f"{part}_{at!r}_{contact_id}_{seq}"
