"""What does a store without a disk keep of jobs? The same as a database: rows by version, parts, rejected lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from avow.flow.contract import Job, JobKind, JobPart, JobSave, Rejection, WriteConflict
from avow.trust.contact import Contact, ContactId, Role, WorkspaceId
from tests.support.memory_tables import Memory

_DAY = 86_400


def save(tables: Mapping[str, Any], one: JobSave) -> None:
    """Save a job with what goes with it, or raise `WriteConflict`."""
    job = one.job
    place = (job.workspace_id, job.id)
    kept = tables["jobs"].get(place)
    if (kept.version if kept is not None else 0) != one.loaded_version:
        raise WriteConflict("A job has changed since it was loaded.")
    tables["jobs"].put(place, job)
    for part in one.parts:
        tables["parts"].put((*place, part.start), tables["parts"].get((*place, part.start)) or part)
    for start in one.eaten:
        tables["parts"].drop((*place, start))
    if one.emptied:
        _clear(tables, "parts", place)
    for rejection in one.rejected:
        at = (*place, rejection.line)
        tables["rejections"].put(at, tables["rejections"].get(at) or rejection)


def sweep(tables: Mapping[str, Any], now: float) -> None:
    """Forget jobs whose time is up."""
    for place, job in tables["jobs"].items():
        over = job.updated_at < now - 7 * _DAY if job.finished_at is None else job.finished_at < now - 30 * _DAY
        if over:
            tables["jobs"].drop(place)
            _clear(tables, "parts", place)
            _clear(tables, "rejections", place)


def _clear(tables: Mapping[str, Any], name: str, place: tuple[str, str]) -> None:
    for key in [key for key, _ in tables[name].items()]:
        if key[:2] == place:
            tables[name].drop(key)


class MemoryJobs:
    """`flow.contract.Jobs`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def get(self, workspace_id: WorkspaceId, job_id: str) -> Job | None:
        return self._memory.tables["jobs"].committed.get((workspace_id, job_id))

    async def listed(self, workspace_id: WorkspaceId, kind: JobKind, *, before: str | None, limit: int) -> list[Job]:
        rows: list[Job] = self._memory.rows("jobs", workspace_id)[::-1]
        return [job for job in rows if job.kind is kind and (before is None or job.id < before)][:limit]

    async def alike(self, workspace_id: WorkspaceId, fingerprint: str) -> list[Job]:
        return [job for job in self._memory.rows("jobs", workspace_id)[::-1] if job.fingerprint == fingerprint]

    async def due(self, now: float, *, limit: int) -> list[Job]:
        rows = [job for job in self._memory.rows("jobs") if job.lease is not None and job.lease <= now]
        return sorted(rows, key=lambda job: job.lease)[:limit]

    async def part(self, workspace_id: WorkspaceId, job_id: str, offset: int) -> JobPart | None:
        parts: list[JobPart] = self._memory.rows("parts", workspace_id, job_id)
        return next((one for one in parts if one.start <= offset < one.start + len(one.content)), None)

    async def rejected(self, workspace_id: WorkspaceId, job_id: str, *, after: int, limit: int) -> list[Rejection]:
        rows: list[Rejection] = self._memory.rows("rejections", workspace_id, job_id)
        return [row for row in rows if row.line > after][:limit]

    async def people(self, workspace_id: WorkspaceId, *, before: ContactId | None, limit: int) -> list[Contact]:
        rows: list[Contact] = self._memory.rows("contacts", workspace_id)[::-1]
        known = [it for it in rows if it.role is not Role.VISITOR and it.merged_into is None]
        return [it for it in known if before is None or it.id < before][:limit]
