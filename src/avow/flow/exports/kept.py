"""Who took people out, when, and with which columns? An export is a job that is done as soon as it is asked for.

Its people are read when it is downloaded; its columns stay what they were, so that a download may go on where one
before was interrupted. Who asked is written down among what operators did. Source: spec §11.
"""

from __future__ import annotations

from typing import Final

import msgspec

from avow.errors import NotFound
from avow.flow.bookkeeping import operator_log
from avow.flow.contract import Job, JobKind, JobSave, JobState, LookupKey, Store
from avow.flow.desk import Desk
from avow.flow.engine import Engine
from avow.flow.exports.people import Export, Options, plan
from avow.flow.work import Effects, Entropy, Idempotency, Wants
from avow.trust.contact import WorkspaceId

_WHOLE: Final = "{}"


class MakeExport(msgspec.Struct, frozen=True):
    """A new export, with today's columns. Its result is the `Job`."""

    workspace_id: WorkspaceId
    job_id: str
    actor: str
    options: Options
    idempotency: Idempotency | None = None

    @property
    def outcome(self) -> type[Job]:
        """The job."""
        return Job

    def authenticate(self, desk: Desk) -> None:
        """Who may read, may export: that was looked at when she asked, and is again when she downloads."""

    def wants(self) -> Wants:
        """Nothing."""
        return Wants()

    def wants_more(self, desk: Desk) -> tuple[LookupKey, ...]:
        """Nothing more."""
        return ()

    def weigh(self, desk: Desk) -> Effects:
        """Keep it."""
        details = msgspec.json.encode(plan(self.options, desk.rules)).decode()
        now = desk.now
        place = (self.workspace_id, self.job_id, 1, JobKind.EXPORT, JobState.COMPLETED, self.actor)
        job = Job(*place, "", details, _WHOLE, now, now, finished_at=now)
        return Effects(job, jobs=(JobSave(job, 0),))


async def make(
    engine: Engine, workspace_id: WorkspaceId, options: Options, *, actor: str, idempotency: Idempotency | None = None
) -> Job:
    """Keep a new export, and write down who asked for it."""
    job_id = f"{int(engine.now()):08x}{engine.entropy(8).hex()}"
    job: Job = await engine.committer.submit(MakeExport(workspace_id, job_id, actor, options, idempotency))
    if job.id == job_id:  # else it is the first try's, which was written down then
        told = " ".join((str(options.form), *(["verified"] if options.verified else [])))
        await note(
            engine.store,
            workspace_id,
            entropy=engine.entropy,
            actor=actor,
            action="people.export",
            told=told,
            subject=job_id,
        )
    return job


async def note(
    store: Store, workspace_id: WorkspaceId, *, entropy: Entropy, actor: str, action: str, told: str, subject: str
) -> None:
    """Write down who took out what."""
    async with store.rules_transaction(workspace_id) as transaction:
        await operator_log.log(transaction, workspace_id, entropy, actor, action, subject, after=told)


async def find(store: Store, workspace_id: WorkspaceId, job_id: str) -> Job:
    """One export. Raises `NotFound`."""
    job = await store.jobs.get(workspace_id, job_id)
    if job is None or job.kind is not JobKind.EXPORT:
        message = "There is no export of this id in this workspace. They are kept for 30 days."
        raise NotFound(message, code="job_not_found")
    return job


def options_of(job: Job) -> Export:
    """What an export tells, and in which columns."""
    return msgspec.json.decode(job.details, type=Export)
