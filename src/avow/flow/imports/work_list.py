"""Which import does this server work on? Whichever waits longest, one at a time, for as long as it has the lease.

- A lease is taken by compare-and-set, and renewed with every batch: two servers never work on one import, and one that
  dies leaves it to the next after `LEASE` seconds.
- What cannot go on ends with the reason in its report; a database that is away ends nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Final

import msgspec

from avow.errors import AvowError, NotFound, Unavailable
from avow.flow.contract import Job, JobKind, JobState
from avow.flow.engine import Engine
from avow.flow.imports.arrival import Overtaken
from avow.flow.imports.job import FileFault, details_of
from avow.flow.imports.running import run, told_failure
from avow.flow.imports.source import SentParts
from avow.flow.imports.steps import End, Take
from avow.trust.contact import WorkspaceId

_log = logging.getLogger("avow.flow")

LOOK_EVERY: Final = 1.0
STEP: Final = 500


@contextlib.asynccontextmanager
async def working(engine: Engine) -> AsyncIterator[None]:
    """Work on imports for as long as the block lasts. What is interrupted by its end goes on elsewhere, or later."""
    worker = asyncio.create_task(_forever(engine), name="imports")
    try:
        yield
    finally:
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)


async def _forever(engine: Engine) -> None:
    while True:
        worked = False
        # A database that is away is asked again in a moment.
        with contextlib.suppress(AvowError):
            worked = await advance(engine)
        if not worked:
            await asyncio.sleep(LOOK_EVERY)


async def advance(engine: Engine) -> bool:
    """Work on one import to its end, if there is one that waits; whether there was."""
    for job in await engine.store.jobs.due(engine.now(), limit=1):
        if job.kind is JobKind.IMPORT:
            await _work(engine, job)
            return True
    return False


async def _work(engine: Engine, job: Job) -> None:
    with contextlib.suppress(Overtaken):
        job = await engine.committer.submit(Take(workspace_id=job.workspace_id, job_id=job.id, version=job.version))
        source = SentParts(engine.store.jobs, job.workspace_id, job.id, details_of(job).received)
        try:
            await run(engine, job, source, pause=_give_way)
        except (Overtaken, Unavailable):
            raise
        except AvowError as error:
            await _fail(engine, job, told_failure(error))
        except Exception as error:  # noqa: BLE001 - whatever it was, it would be the same again for ever
            _log.error("An import failed with %s.", type(error).__name__)
            await _fail(engine, job, told_failure(AvowError("This should not have happened; the log tells more.")))


async def _fail(engine: Engine, job: Job, faults: tuple[FileFault, ...]) -> None:
    """End an import that cannot go on: its access token was revoked, say."""
    found = await engine.store.jobs.get(job.workspace_id, job.id)
    if found is not None:
        end = End(
            workspace_id=job.workspace_id, job_id=job.id, version=found.version, state=JobState.FAILED, faults=faults
        )
        await engine.committer.submit(end)


async def _give_way(seconds: float) -> None:
    """Let as much time pass as the last batch took: whoever else writes has half of the server, whatever its size."""
    await asyncio.sleep(min(seconds, 0.5))


async def find(engine: Engine, workspace_id: WorkspaceId, job_id: str) -> Job:
    """One import. Raises `NotFound`."""
    job = await engine.store.jobs.get(workspace_id, job_id)
    if job is None or job.kind is not JobKind.IMPORT:
        message = "There is no import of this id in this workspace. Reports are kept for 30 days."
        raise NotFound(message, code="job_not_found")
    return job


async def rejected_lines(engine: Engine, job: Job) -> AsyncIterator[tuple[int, list[FileFault]]]:
    """The lines that were not taken, with what was found and expected; the first ones, where there are very many."""
    after = 0
    while found := await engine.store.jobs.rejected(job.workspace_id, job.id, after=after, limit=STEP):
        for one in found:
            yield one.line, msgspec.json.decode(one.errors, type=list[FileFault])
        after = found[-1].line
