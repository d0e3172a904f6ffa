"""Where are long works written down? A row each, saved by version, with the bytes they are fed and what they rejected.

- The position of a job is written in the transaction that writes its work; whoever else had it gets `WriteConflict`.
- A part or a rejection that is there already stays as it is: saying it again changes nothing.

Source: scale.md rule 8.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import select

from avow.flow.contract import Job, JobKind, JobSave, JobState
from avow.store.engine.clearing import clear
from avow.store.engine.session import Engine, Session, write_all
from avow.store.engine.statement import Delete, Insert, Lookup, Update
from avow.store.schema import job, job_part, job_rejection
from avow.trust.contact import WorkspaceId

KEPT_FOR: Final = 30 * 86_400
"""Seconds for which a job that has ended can be asked for."""
STARTED_WITHIN: Final = 7 * 86_400
"""Seconds after which a job that nobody has fed or started is forgotten, with what it was fed."""
STEP: Final = 20

COLUMNS: Final = Job.__struct_fields__
_FIXED: Final = ("workspace_id", "id", "kind", "actor", "created_at")
_MOVING: Final = tuple(name for name in COLUMNS if name not in _FIXED)
_OF_JOB: Final = ("workspace_id", "job_id")

LOAD: Final = Lookup(job, ("workspace_id", "id"), COLUMNS)
CREATE: Final = Insert(job, COLUMNS, "(workspace_id, id) DO NOTHING")
UPDATE: Final = Update(job, _MOVING, ("workspace_id", "id", "version"))
FEED: Final = Insert(job_part, (*_OF_JOB, "start", "content"), "(workspace_id, job_id, start) DO NOTHING")
EAT: Final = Delete(job_part, (*_OF_JOB, "start"))
EMPTY: Final = Delete(job_part, _OF_JOB)
REJECT: Final = Insert(job_rejection, (*_OF_JOB, "line", "errors"), "(workspace_id, job_id, line) DO NOTHING")
FORGET: Final = Delete(job, ("workspace_id", "id"))
FORGET_REJECTED: Final = Delete(job_rejection, _OF_JOB)


def of_row(row: Sequence[Any]) -> Job:
    """A stored row (`COLUMNS`)."""
    workspace_id, job_id, version, kind, state, *rest = row
    return Job(workspace_id, job_id, version, JobKind(kind), JobState(state), *rest)


async def load(session: Session, ids: Sequence[tuple[WorkspaceId, str]]) -> list[Job]:
    """Those of these jobs that exist."""
    return [of_row(row) for row in await session.read(LOAD, ids)]


async def save(session: Session, saves: Iterable[JobSave]) -> None:
    """Save jobs with what goes with them. Raises `WriteConflict` where one has changed since it was loaded."""
    for one in sorted(saves, key=lambda one: (one.job.workspace_id, one.job.id)):
        it = one.job
        place = (it.workspace_id, it.id)
        if one.loaded_version:
            row = (*(getattr(it, name) for name in _MOVING), *place, one.loaded_version)
            await write_all(session, UPDATE, [row], "A job has changed since it was loaded")
        else:
            await write_all(session, CREATE, [msgspec.structs.astuple(it)], "A new job is there already")
        await session.write(FEED, [(*place, part.start, part.content) for part in one.parts])
        await session.write(EAT, [(*place, start) for start in one.eaten])
        if one.emptied:
            await session.write(EMPTY, [place])
        await session.write(REJECT, [(*place, rejection.line, rejection.errors) for rejection in one.rejected])


async def sweep(engine: Engine, now: float) -> None:
    """Forget jobs whose time is up at `now` (Unix seconds)."""
    stale = (job.c.finished_at.is_(None)) & (job.c.updated_at < now - STARTED_WITHIN)
    old = select(job.c.workspace_id, job.c.id).where((job.c.finished_at < now - KEPT_FOR) | stale)
    await clear(engine, old, FORGET, FORGET_REJECTED, EMPTY, step=STEP)
