"""One attempt at one transaction: the rules as it sees them, whom its works need, and what becomes of each work.

- Keys are read first, then the contacts they lead to. Where somebody was erased or renamed in between, which another
  process may do, nothing is weighed: a `WriteConflict`, as when a contact was changed.
- A work that is refused refuses nobody else; a retry under the same idempotency key gets the outcome of its first try.

Source: scale.md rule 4 and "What this means for the committer"; spec §7.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from avow.errors import Unavailable
from avow.flow.contract import LookupKey, Replay, Tally, Transaction, WriteConflict, Writes
from avow.flow.desk import Desk
from avow.flow.rulebook import Rulebook
from avow.flow.work import Effects, Entropy, Result, Work
from avow.trust.contact import ContactId, WorkspaceId


class Batch:
    """A desk for each workspace, and what became of each work."""

    def __init__(self, rulebook: Rulebook, entropy: Entropy, erasure_key: bytes) -> None:
        self._rulebook = rulebook
        self._entropy = entropy
        self._erasure_key = erasure_key
        self.desks: dict[WorkspaceId, Desk] = {}
        self.done: list[tuple[Work, Effects]] = []
        self._replays: dict[tuple[WorkspaceId, str], Replay] = {}

    async def open(self, transaction: Transaction, workspaces: Sequence[WorkspaceId]) -> None:
        """Read the clock and the rules, of the version this transaction sees."""
        self._transaction = transaction
        clock = await transaction.clock()
        for workspace_id in workspaces:
            if workspace_id in clock.versions:
                rules = await self._rulebook.at(workspace_id, clock.versions[workspace_id], transaction)
                self.desks[workspace_id] = Desk(workspace_id, rules, clock.now, self._entropy, self._erasure_key)

    async def load(self, works: Sequence[Work]) -> None:
        """Lay out what the works want: keys first, then whom they lead to."""
        wants = [(work.workspace_id, work.wants()) for work in works]
        await self._find([key for _, want in wants for key in want.keys])
        await self._find(
            [key for work in works if (desk := self.desks.get(work.workspace_id)) for key in work.wants_more(desk)]
        )
        ids = {(workspace_id, contact_id) for workspace_id, want in wants for contact_id in want.ids}
        for workspace_id, desk in self.desks.items():
            ids.update((workspace_id, found) for rows in desk.keys.values() for found in rows if found is not None)
        if ids:
            for contact in await self._transaction.load(sorted(ids)):
                self.desks[contact.workspace_id].lay_out((contact,))
        if any(desk.is_overtaken() for desk in self.desks.values()):
            raise WriteConflict("Somebody was erased or renamed since her key was read.")
        await self._load_tags({(workspace_id, one) for workspace_id, want in wants for one in want.tags_of})
        jobs = {(workspace_id, job_id) for workspace_id, want in wants for job_id in want.jobs}
        if jobs:
            for job in await self._transaction.jobs(sorted(jobs)):
                self.desks[job.workspace_id].jobs[job.id] = job
        scopes = [(work.workspace_id, work.idempotency.scope) for work in works if work.idempotency is not None]
        if scopes:
            for replay in await self._transaction.replays(scopes):
                self._replays[replay.workspace_id, replay.scope] = replay

    async def _load_tags(self, worn: set[tuple[WorkspaceId, ContactId]]) -> None:
        """The tags of workspaces in which somebody asks for them, and what these contacts wear."""
        for workspace_id in {workspace_id for workspace_id, _ in worn} & self.desks.keys():
            theirs = sorted(one for one in worn if one[0] == workspace_id)
            tags = await self._transaction.tags(workspace_id)
            self.desks[workspace_id].beside.lay_out(tags, await self._transaction.taggings(theirs))

    async def _find(self, keys: Sequence[LookupKey]) -> None:
        if keys:
            for row in await self._transaction.find(list(dict.fromkeys(keys))):
                self.desks[row.key.workspace_id].lay_out_keys((row,))

    def weigh(self, work: Work) -> Result:
        """One work's result, its effects applied; or what it was refused with, nothing applied."""
        desk = self.desks.get(work.workspace_id)
        if desk is None:
            return Unavailable("The workspace's rules cannot be confirmed. Try again.")
        try:
            if (replay := self._replayed(work)) is not None:
                work.authenticate(desk)
                return msgspec.json.decode(replay.outcome, type=work.outcome)
            effects = work.weigh(desk)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one work is told to its caller alone
            return error
        desk.apply(effects)
        self._remember(work, effects, desk)
        self.done.append((work, effects))
        return effects.result

    def _replayed(self, work: Work) -> Replay | None:
        if work.idempotency is None:
            return None
        return work.idempotency.refuse_another(self._replays.get((work.workspace_id, work.idempotency.scope)))

    def _remember(self, work: Work, effects: Effects, desk: Desk) -> None:
        if work.idempotency is None:
            return
        scope, body = work.idempotency.scope, work.idempotency.body
        about = effects.about or (effects.puts[0].contact.id if effects.puts else effects.seen)
        replay = Replay(work.workspace_id, scope, body, msgspec.json.encode(effects.result), desk.now, about)
        self._replays[work.workspace_id, scope] = replay
        desk.remember(replay)

    def writes(self, tally: Tally) -> Writes:
        """Everything the batch asks of the disk, the counters with it."""
        parts = [desk.writes() for desk in self.desks.values()]
        if len(parts) == 1:
            return msgspec.structs.replace(parts[0], tally=tally)
        joined = {
            name: tuple(row for part in parts for row in getattr(part, name))
            for name in Writes.__struct_fields__
            if name != "tally"
        }
        return Writes(**joined, tally=tally)
