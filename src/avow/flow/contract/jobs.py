"""What takes longer than a request, as a database keeps it: jobs, the bytes they are fed, and what they rejected.

- A job is saved by compare-and-set on `version`, in the transaction that writes what it has done: its position is
  exactly as far as its work.
- Only a job with a lease is taken up by a server; one without belongs to whoever runs it by hand.

Source: scale.md rules 1 and 8.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from avow.trust.contact import Contact, ContactId, WorkspaceId
from avow.trust.words import Word


class JobKind(Word):
    """What a job does."""

    IMPORT = "import"
    EXPORT = "export"


class JobState(Word):
    """Where a job stands. The last four are ends; a job that was refused has written nothing."""

    RECEIVING = "receiving"
    WAITING = "waiting"
    RUNNING = "running"
    COMPLETED = "completed"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({JobState.COMPLETED, JobState.REFUSED, JobState.FAILED, JobState.CANCELLED})


class Job(msgspec.Struct, frozen=True):
    """One of them. `details` and `progress` are JSON texts whose shape the flow knows; times are Unix seconds.

    Ids grow with time. `fingerprint` names what is worked on, so that the same work is found again. `lease` is until
    when a server works on it; None: no server takes it up.
    """

    workspace_id: WorkspaceId
    id: str
    version: int
    kind: JobKind
    state: JobState
    actor: str
    fingerprint: str
    details: str
    progress: str
    created_at: float
    updated_at: float
    finished_at: float | None = None
    lease: float | None = None


class JobPart(msgspec.Struct, frozen=True):
    """Bytes that a job is fed, from the offset `start` of all that it is fed."""

    start: int
    content: bytes


class Rejection(msgspec.Struct, frozen=True):
    """A line of a file that was not taken. `errors` is a JSON list of what was found and expected, without values."""

    line: int
    errors: str


class JobSave(msgspec.Struct, frozen=True):
    """A job as it shall stand, the version it was loaded at (0: it is new), and what goes with it.

    A part or a rejection that is there already stays as it is. `eaten` are the starts of parts that have served their
    time; `emptied` says that all of them have.
    """

    job: Job
    loaded_version: int
    rejected: tuple[Rejection, ...] = ()
    parts: tuple[JobPart, ...] = ()
    eaten: tuple[int, ...] = ()
    emptied: bool = False


class Jobs(Protocol):
    """What is read of jobs, beside the transaction that saves them; and the people whom a job may tell of.

    `listed` comes newest first, `rejected` by line; `part` is the one that holds the byte at an offset. `due` are the
    jobs of every workspace that wait for a server at that time. `people` are users and leads, archived and blocked ones
    too, newest id first.
    """

    async def get(self, workspace_id: WorkspaceId, job_id: str) -> Job | None: ...
    async def listed(
        self, workspace_id: WorkspaceId, kind: JobKind, *, before: str | None, limit: int
    ) -> list[Job]: ...
    async def alike(self, workspace_id: WorkspaceId, fingerprint: str) -> list[Job]: ...
    async def due(self, now: float, *, limit: int) -> list[Job]: ...
    async def part(self, workspace_id: WorkspaceId, job_id: str, offset: int) -> JobPart | None: ...
    async def rejected(self, workspace_id: WorkspaceId, job_id: str, *, after: int, limit: int) -> list[Rejection]: ...
    async def people(self, workspace_id: WorkspaceId, *, before: ContactId | None, limit: int) -> list[Contact]: ...
