"""How does an import come to be, begin, and end? Steps of its job, each a work for the committer.

Its rows speak as the access token that made it, so only that one feeds and starts it (spec §3).
An import is `receiving` while a client sends its parts, `waiting` until its file has been looked through, `running`
while its rows arrive. A file that cannot be meant is `refused`: nothing of it was written.
"""

from __future__ import annotations

from typing import Final

import msgspec

from avow.errors import Conflict, Forbidden, NotFound
from avow.flow.contacts.callers import require_scope, require_vouching, standing_token
from avow.flow.contract import ENDED, Job, JobKind, JobPart, Jobs, JobSave, JobState, LookupKey
from avow.flow.desk import Desk
from avow.flow.engine import Engine
from avow.flow.imports.arrival import LEASE, moved_on, standing_job
from avow.flow.imports.job import Details, FileFault, Layout, Progress, details_of, progress_of, written
from avow.flow.work import Effects, Idempotency, Wants
from avow.trust.access import AccessToken, Scope
from avow.trust.contact import WorkspaceId

MAX_SENT: Final = 1024 * 1024 * 1024
"""Bytes that may be sent for one import."""
MAX_PART: Final = 64 * 1024


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """The part that all steps have. `token` is that of whoever asks by REST, None for an operator and for ourselves."""

    workspace_id: WorkspaceId
    job_id: str
    token: AccessToken | None = None
    idempotency: Idempotency | None = None

    @property
    def outcome(self) -> type[Job]:
        """The job afterwards."""
        return Job

    def authenticate(self, desk: Desk) -> None:
        """Raises `NotAuthenticated` or `Forbidden` where the token may not ask for this any more."""
        if self.token is not None:
            standing_token(desk, self.token, Scope.WRITE_CONTACTS)

    def require_maker(self, job: Job) -> None:
        """Raises `Forbidden` for any access token but the one in whose name the rows will be written."""
        if self.token is not None and self.token.id != details_of(job).token_id:
            message = "This access token did not make this import, and rows are written in their maker's name. "
            raise Forbidden(f"{message}Feed and start it with the one that did, or make another import.")

    def wants(self) -> Wants:
        """The job."""
        return Wants(jobs=(self.job_id,))

    def wants_more(self, desk: Desk) -> tuple[LookupKey, ...]:
        """Nothing more."""
        return ()


class Begin(Step, frozen=True, kw_only=True):
    """A new import: of a file at hand, of one that is yet to be sent, or of `content` that is here already.

    `by_hand` is for whoever runs it herself, so that no server takes it up.
    """

    actor: str
    details: Details
    fingerprint: str = ""
    content: bytes = b""
    by_hand: bool = False

    def weigh(self, desk: Desk) -> Effects:
        """Create the job. Raises what the token may not."""
        self.authenticate(desk)
        if self.token is not None and self.details.options.create_attributes:
            require_scope(standing_token(desk, self.token, Scope.WRITE_CONTACTS), Scope.WRITE_ATTRIBUTES)
        details = msgspec.structs.replace(self.details, received=len(self.content))
        ready = self.by_hand or bool(self.content)
        state = JobState.WAITING if ready else JobState.RECEIVING
        place = (self.workspace_id, self.job_id, 1, JobKind.IMPORT, state, self.actor, self.fingerprint)
        lease = desk.now if self.content else None
        job = Job(*place, written(details), written(Progress()), desk.now, desk.now, lease=lease)
        parts = (JobPart(0, self.content),) if self.content else ()
        return Effects(job, jobs=(JobSave(job, 0, parts=parts),))


class SentBefore(Conflict):
    """Bytes for a place where there are some already: whether they are the same, the parts tell (`received`)."""


class Receive(Step, frozen=True, kw_only=True):
    """The next bytes of an import's file. `offset` is where they belong; None: they are the first."""

    content: bytes
    offset: int | None = None

    def weigh(self, desk: Desk) -> Effects:
        """Keep the bytes. Raises `Conflict` for bytes from elsewhere in the file, with where to go on."""
        self.authenticate(desk)
        job = receiving(desk, self.job_id)
        self.require_maker(job)
        details, start = details_of(job), self.offset or 0
        end = start + len(self.content)
        if self.offset is not None and start < details.received and end <= details.received:
            raise _elsewhere(details.received, SentBefore)
        if self.offset is None and details.received:
            raise _nowhere_said(details.received)
        if start != details.received:
            raise _elsewhere(details.received)
        if end > MAX_SENT:
            message = f"An import holds {MAX_SENT} bytes at most. Send the rest as another one."
            raise Conflict(message, field="offset", code="import_too_large")
        moved = moved_on(job, desk.now, details=written(msgspec.structs.replace(details, received=end)))
        return Effects(moved, jobs=(JobSave(moved, job.version, parts=(JobPart(start, self.content),)),))


async def received(engine: Engine, step: Receive) -> Job:
    """The import with these bytes in it, once: the same ones again, at their offset, change nothing.

    Raises `Conflict` where others are there already, and what the step raises.
    """
    try:
        job: Job = await engine.committer.submit(step)
        return job
    except SentBefore:
        if not await _holds(engine.store.jobs, step):
            raise
    found = await engine.store.jobs.get(step.workspace_id, step.job_id)
    return _still_there(found)


async def _holds(jobs: Jobs, step: Receive) -> bool:
    """Whether exactly these bytes were received at this offset."""
    start, done = step.offset or 0, 0
    while done < len(step.content):
        part = await jobs.part(step.workspace_id, step.job_id, start + done)
        piece = b"" if part is None else part.content[start + done - part.start :][: len(step.content) - done]
        if not piece or step.content[done : done + len(piece)] != piece:
            return False
        done += len(piece)
    return True


def _nowhere_said(size: int) -> Conflict:
    """Nothing tells a part that comes again from the next one with the same bytes: nobody guesses."""
    message = f"offset is missing: say where in the file these bytes belong. {size} have been received; only the first "
    message += "part may leave it out, and a part that comes again goes where it went before."
    return Conflict(message, field="offset", code="offset_mismatch")


def _elsewhere(size: int, error: type[Conflict] = Conflict) -> Conflict:
    message = f"{size} bytes have been received, and these are not the next, nor the same. Go on from there: offset="
    return error(f"{message}{size}", field="offset", code="offset_mismatch")


class Start(Step, frozen=True, kw_only=True):
    """Everything was sent: a server may take the import up."""

    def weigh(self, desk: Desk) -> Effects:
        """Let it wait for a server. Raises `Conflict` where nothing was sent; starting twice starts once."""
        self.authenticate(desk)
        job = _known(desk, self.job_id)
        self.require_maker(job)
        if job.state is not JobState.RECEIVING:
            return Effects(job)
        if not details_of(job).received:
            raise Conflict("Nothing has been sent for this import yet. Send its content first.", code="import_empty")
        moved = moved_on(job, desk.now, state=JobState.WAITING, lease=desk.now)
        return Effects(moved, jobs=(JobSave(moved, job.version),))


class Cancel(Step, frozen=True, kw_only=True):
    """Go no further. What has been written stays. Somebody else's may be cancelled, but by no token that relays."""

    def weigh(self, desk: Desk) -> Effects:
        """End it. An import that has ended already stays as it ended."""
        self.authenticate(desk)
        job = _known(desk, self.job_id)
        if self.token is not None and self.token.id != details_of(job).token_id:
            standing = standing_token(desk, self.token, Scope.WRITE_CONTACTS)
            require_vouching(standing, "cancel an import that it did not make")
        if job.state in ENDED:
            return Effects(job)
        return _ended(job, desk.now, JobState.CANCELLED, progress_of(job))


class Take(Step, frozen=True, kw_only=True):
    """A server works on this for the next `LEASE` seconds."""

    version: int

    def weigh(self, desk: Desk) -> Effects:
        """Take or keep the lease. Raises `Overtaken`."""
        job = standing_job(desk, self.job_id, self.version)
        moved = moved_on(job, desk.now, lease=desk.now + LEASE)
        return Effects(moved, jobs=(JobSave(moved, job.version),))


class LookedThrough(Step, frozen=True, kw_only=True):
    """The file can be meant: its rows may arrive."""

    version: int
    layout: Layout

    def weigh(self, desk: Desk) -> Effects:
        """Let it run. Raises `Overtaken`."""
        job = standing_job(desk, self.job_id, self.version)
        details = msgspec.structs.replace(details_of(job), layout=self.layout)
        progress = Progress(self.layout.start, self.layout.line)
        moved = moved_on(job, desk.now, state=JobState.RUNNING, details=written(details), progress=written(progress))
        return Effects(moved, jobs=(JobSave(moved, job.version),))


class End(Step, frozen=True, kw_only=True):
    """It is done, refused, or cannot go on."""

    version: int
    state: JobState
    faults: tuple[FileFault, ...] = ()

    def weigh(self, desk: Desk) -> Effects:
        """End it. Raises `Overtaken`."""
        job = standing_job(desk, self.job_id, self.version)
        return _ended(job, desk.now, self.state, msgspec.structs.replace(progress_of(job), faults=self.faults))


def receiving(desk: Desk, job_id: str) -> Job:
    """The import, if it still takes bytes. Raises `Conflict`."""
    job = _known(desk, job_id)
    if job.state is not JobState.RECEIVING:
        raise Conflict(f"The import is {job.state} and takes nothing more. Make a new one.", code="import_closed")
    return job


def _known(desk: Desk, job_id: str) -> Job:
    return _still_there(desk.jobs.get(job_id))


def _still_there(job: Job | None) -> Job:
    if job is None or job.kind is not JobKind.IMPORT:
        raise NotFound(
            "There is no import of this id in this workspace. Reports are kept for 30 days.", code="job_not_found"
        )
    return job


def _ended(job: Job, now: float, state: JobState, progress: Progress) -> Effects:
    ended = moved_on(job, now, state=state, progress=written(progress), finished_at=now, lease=None)
    return Effects(ended, jobs=(JobSave(ended, job.version, emptied=True),))
