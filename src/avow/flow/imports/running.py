"""How does an import get on? Look through the file, declare what is to be declared, then row by row, batch by batch.

- One batch at a time: the next one is asked for when the one before is durable, so that requests are never queued
  behind more than one, and memory holds one block of the file.
- A batch whose commit could not be confirmed is looked up: the job tells whether it is there.
- The same job may be run again after any crash; it goes on behind the last row that was written.

Source: scale.md ("What this means for the committer"); spec §7.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from avow.errors import AvowError, BadInput, Unavailable
from avow.flow import attributes
from avow.flow.contract import ENDED, Job, JobState
from avow.flow.engine import Engine
from avow.flow.imports.arrival import Arrival, Overtaken, token_of
from avow.flow.imports.job import Details, FileFault, Layout, Progress, details_of, progress_of
from avow.flow.imports.reading import Record
from avow.flow.imports.rows import BadLine, Row, row_of
from avow.flow.imports.source import Source, blocks, records
from avow.flow.imports.steps import End, LookedThrough, Step, Take
from avow.flow.imports.survey import Refusal, survey
from avow.flow.rules.asking import Asking
from avow.flow.rules.declaring import Definition, declared
from avow.trust.access import Scope
from avow.trust.attribute import AttributeType, Enforcement
from avow.trust.rules import Rules

ROWS_AT_ONCE: Final = 100
"""Rows of one transaction, at most: what a request may have to wait behind."""
VALUES_AT_ONCE: Final = 2_000
"""Values of one transaction: where rows have many, it has fewer rows."""
PATIENCE: Final = 60.0
"""Seconds for which a database that is away is waited for."""
RENEW_AFTER: Final = 4 * 1024 * 1024
"""Bytes that are looked through before the lease is renewed."""
_NO_ROOM: Final = "custom_data_limit_reached"

OnProgress = Callable[[Details, Progress], None]
"""Told how far an import has come, after every batch."""
OnLook = Callable[[int], None]
"""Told how many bytes have been looked through."""
Pause = Callable[[float], Awaitable[None]]
"""Waits between two batches, told how long the last one took (seconds)."""


async def nothing(_: Any) -> None:
    """No pause."""


async def run(
    engine: Engine,
    job: Job,
    source: Source,
    *,
    on_look: OnLook = lambda _: None,
    on_progress: OnProgress = lambda _, __: None,
    pause: Pause = nothing,
    rows_at_once: int = ROWS_AT_ONCE,
) -> Job:
    """Run an import to its end, from wherever it stands; the job as it ended.

    Raises `Overtaken` where somebody else runs or has ended it, `Unavailable` where the database stays away.
    """
    if job.state is JobState.WAITING:
        job = await _prepare(engine, job, source, on_look)
    if job.state in ENDED:
        return job
    return await _Run(engine, job, source, on_progress, pause, rows_at_once).to_the_end()


async def _prepare(engine: Engine, job: Job, source: Source, on_look: OnLook) -> Job:
    """Look through the file and declare its new attributes. A file that cannot be meant ends the job here."""
    renewal = _Renewal(engine, job, on_look)
    details = details_of(job)
    try:
        await engine.rulebook.confirm()
        rules = await engine.rulebook.current(job.workspace_id)
        layout = await survey(source, details, rules, renewal)
        definitions = await _definitions(engine, job, layout)
        if not details.options.dry_run:
            await _declare(engine, job, definitions, _asking(rules, details))
    except Refusal as refusal:
        return await _step(engine, End, renewal.job, state=JobState.REFUSED, faults=refusal.faults)
    return await _step(engine, LookedThrough, renewal.job, layout=layout)


async def _definitions(engine: Engine, job: Job, layout: Layout) -> list[Definition]:
    """What the file makes necessary, locked. Raises `Refusal` where not all of it can be declared: then none is."""
    known = await attributes.every(engine.store, job.workspace_id)
    wanted, faults = list[Definition](), list[FileFault]()
    for name, kind in layout.fresh.items():
        if name in known and not known[name].provisional:
            continue  # an earlier try of this import has declared it
        definition = Definition(name, AttributeType(kind), Enforcement.LOCKED, description="Declared by an import.")
        try:
            new = declared(definition, known, now=engine.now(), entropy=engine.entropy)
        except BadInput as error:
            faults.append(FileFault(layout.line or 1, str(error.code), error.message, name))
            if error.code == _NO_ROOM:
                break  # the same is to be said of all that follow
        else:
            known, wanted = {**known, name: new}, [*wanted, definition]
    if faults:
        raise Refusal(faults)
    return wanted


def _asking(rules: Rules, details: Details) -> Asking | None:
    """Who asked by REST; None: an operator. Raises `NotAuthenticated` where that token is gone."""
    if details.token_id is None:
        return None
    return Asking(token_of(rules, details.token_id), Scope.WRITE_ATTRIBUTES)


async def _declare(engine: Engine, job: Job, definitions: Sequence[Definition], asking: Asking | None) -> None:
    """Declare them. Raises `Refusal` for what cannot be declared any more, and what the token may not any more."""
    store, entropy = engine.store, engine.entropy
    for definition in definitions:
        try:
            if asking is None:
                await attributes.declare(store, job.workspace_id, definition, entropy=entropy, actor=job.actor)
            else:
                await attributes.declare_asked(store, asking, definition, entropy=entropy)
        except BadInput as error:
            raise Refusal([FileFault(1, str(error.code), error.message, definition.name)]) from None


async def _step(engine: Engine, kind: type[Step], job: Job, **what: Any) -> Job:
    step = kind(workspace_id=job.workspace_id, job_id=job.id, version=job.version, **what)  # type: ignore[call-arg]
    done: Job = await engine.committer.submit(step)  # type: ignore[arg-type]
    return done


class _Renewal:
    """Keeps the lease of a job whose file is looked through."""

    def __init__(self, engine: Engine, job: Job, on_look: OnLook) -> None:
        self._engine = engine
        self._on_look = on_look
        self._renewed_at = 0
        self.job = job

    async def __call__(self, position: int) -> None:
        self._on_look(position)
        if self.job.lease is not None and position - self._renewed_at > RENEW_AFTER:
            self._renewed_at = position
            self.job = await _step(self._engine, Take, self.job)


class _Run:
    """The rows of one import on their way."""

    def __init__(
        self, engine: Engine, job: Job, source: Source, on_progress: OnProgress, pause: Pause, rows_at_once: int
    ) -> None:
        self._engine = engine
        self._job = job
        self._source = source
        self._on_progress = on_progress
        self._pause = pause
        self._rows_at_once = rows_at_once
        self._details = details_of(job)
        assert self._details.layout is not None, "rows arrive once the file has been looked through"
        self._layout: Layout = self._details.layout
        self._fresh = frozenset(self._layout.fresh) if self._details.options.dry_run else frozenset[str]()
        self._offset = 0
        self._eaten: list[tuple[int, int]] = []

    async def to_the_end(self) -> Job:
        """Every row that is still to come."""
        progress = progress_of(self._job)
        self._on_progress(self._details, progress)
        reader = records(self._details, progress.position, progress.line)
        self._offset = progress.position
        waiting: list[Record] = []
        async for block, last in blocks(self._source, progress.position):
            self._eaten.append((self._offset, self._offset + len(block)))
            self._offset += len(block)
            waiting += reader.feed(block, final=last)
            while len(waiting) >= (1 if last else self._rows_at_once):
                rows = self._next(waiting)
                await self._commit(rows, waiting[len(rows) - 1])
                if self._job.state in ENDED:
                    return self._job
                del waiting[: len(rows)]
        return await _step(self._engine, End, self._job, state=JobState.COMPLETED)

    def _next(self, waiting: Sequence[Record]) -> tuple[Row | BadLine, ...]:
        """What the next records say: as many as one transaction may hold, one at least."""
        columns, rows, values = self._details.options.columns, list[Row | BadLine](), 0
        for record in waiting[: self._rows_at_once]:
            row = row_of(record, self._layout, columns, self._fresh)
            values += row.width
            if rows and values > VALUES_AT_ONCE:
                break
            rows.append(row)
        return tuple(rows)

    async def _commit(self, rows: tuple[Row | BadLine, ...], until: Record) -> None:
        """Have rows written. `until` is the record of the last one."""
        position, line = until.end, until.ended_by
        loop = asyncio.get_running_loop()
        began = loop.time()
        self._job = await self._durably(
            Arrival(
                self._job.workspace_id,
                self._job.id,
                self._job.version,
                rows,
                position,
                line,
                self._served(position),
            )
        )
        self._on_progress(self._details, progress_of(self._job))
        await self._pause(loop.time() - began)

    def _served(self, position: int) -> tuple[int, ...]:
        """The starts of sent parts that no later row needs."""
        if self._job.lease is None:
            return ()
        served = tuple(start for start, end in self._eaten if end <= position)
        self._eaten = [(start, end) for start, end in self._eaten if end > position]
        return served

    async def _durably(self, arrival: Arrival) -> Job:
        """Have rows written. Where that could not be confirmed, the job's row tells whether they are."""
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE
        while True:
            try:
                job: Job = await self._engine.committer.submit(arrival)
            except Unavailable:
                if loop.time() > until:
                    raise
                await asyncio.sleep(0.5)
            except Overtaken:
                # Our own batch, if the commit that could not be confirmed is there after all.
                found = await self._engine.store.jobs.get(arrival.workspace_id, arrival.job_id)
                if found is None or not _is_done(found, arrival):
                    raise
                return found
            else:
                return job


def _is_done(job: Job, arrival: Arrival) -> bool:
    """Whether the job stands exactly where this arrival leaves it."""
    progress = progress_of(job)
    return job.version == arrival.version + 1 and progress.position == arrival.position


def told_failure(error: AvowError) -> tuple[FileFault, ...]:
    """Why an import could not go on, for its report."""
    return (FileFault(0, str(error.code), error.message, error.field),)
