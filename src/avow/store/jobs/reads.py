"""What is read of long works, beside the transactions that write them? Jobs, their parts, what they rejected, people.

Source: `flow/contract/jobs.py`; scale.md rule 8.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, text

from avow.flow.contract import Job, JobKind, JobPart, Rejection
from avow.store import contacts
from avow.store.engine.reader import Reader
from avow.store.jobs.rows import COLUMNS, LOAD, of_row
from avow.store.schema import LIVING, contact, job, job_part, job_rejection
from avow.trust.contact import Contact, ContactId, WorkspaceId


class StoredJobs:
    """`flow.contract.Jobs` over one reader."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def get(self, workspace_id: WorkspaceId, job_id: str) -> Job | None:
        rows = await self._reader.read(LOAD, (workspace_id, job_id))
        return of_row(rows[0]) if rows else None

    async def listed(self, workspace_id: WorkspaceId, kind: JobKind, *, before: str | None, limit: int) -> list[Job]:
        query = _jobs().where(job.c.workspace_id == workspace_id, job.c.kind == kind)
        if before is not None:
            query = query.where(job.c.id < before)
        return [of_row(row) for row in await self._reader.rows(query.order_by(job.c.id.desc()).limit(limit))]

    async def alike(self, workspace_id: WorkspaceId, fingerprint: str) -> list[Job]:
        query = _jobs().where(job.c.workspace_id == workspace_id, job.c.fingerprint == fingerprint)
        return [of_row(row) for row in await self._reader.rows(query.order_by(job.c.id.desc()).limit(100))]

    async def due(self, now: float, *, limit: int) -> list[Job]:
        query = _jobs().where(job.c.lease <= now).order_by(job.c.lease).limit(limit)
        return [of_row(row) for row in await self._reader.rows(query)]

    async def part(self, workspace_id: WorkspaceId, job_id: str, offset: int) -> JobPart | None:
        columns = (job_part.c.start, job_part.c.content)
        query = select(*columns).where(
            job_part.c.workspace_id == workspace_id, job_part.c.job_id == job_id, job_part.c.start <= offset
        )
        rows = await self._reader.rows(query.order_by(job_part.c.start.desc()).limit(1))
        part = JobPart(rows[0][0], bytes(rows[0][1])) if rows else None
        return part if part is not None and offset < part.start + len(part.content) else None

    async def rejected(self, workspace_id: WorkspaceId, job_id: str, *, after: int, limit: int) -> list[Rejection]:
        columns = (job_rejection.c.line, job_rejection.c.errors)
        query = select(*columns).where(
            job_rejection.c.workspace_id == workspace_id,
            job_rejection.c.job_id == job_id,
            job_rejection.c.line > after,
        )
        rows = await self._reader.rows(query.order_by(job_rejection.c.line).limit(limit))
        return [Rejection(*row) for row in rows]

    async def people(self, workspace_id: WorkspaceId, *, before: ContactId | None, limit: int) -> list[Contact]:
        columns = [contact.c[name] for name in contacts.COLUMNS]
        query = select(*columns).where(contact.c.workspace_id == workspace_id, text(LIVING))
        if before is not None:
            query = query.where(contact.c.id < before)
        rows = await self._reader.rows(query.order_by(contact.c.id.desc()).limit(limit))
        return [contacts.of_row(row) for row in rows]


def _jobs() -> Any:
    return select(*(job.c[name] for name in COLUMNS))
