"""Files of people, as Acme's spreadsheets write them, imported in this process."""

from __future__ import annotations

from typing import Any

from avow.flow import imports
from avow.flow.contract import Job
from avow.flow.imports import Details, Form, Options
from tests.support.office import Office

ACTOR = "cli:olive"


class Sheet:
    """An import's source over bytes. `cut_at`: reading beyond this byte fails, as where a process is killed."""

    def __init__(self, content: bytes, *, block: int = 4096, cut_at: int | None = None) -> None:
        self._content = content
        self._block = block
        self._cut_at = cut_at

    async def read(self, offset: int) -> bytes:
        if self._cut_at is not None and offset >= self._cut_at:
            raise Killed
        return self._content[offset : offset + self._block]


class Killed(Exception):
    """The process is gone."""


def csv(*lines: str) -> bytes:
    """The lines of a CSV file."""
    return "".join(f"{line}\r\n" for line in lines).encode()


async def begun(office: Office, *, actor: str = ACTOR, form: Form = Form.CSV, **options: Any) -> Job:
    """A new import that nobody works on yet."""
    engine = office.engine
    begin = imports.Begin(
        workspace_id=office.workspace_id,
        job_id=f"{int(engine.now()):08x}{engine.entropy(8).hex()}",
        actor=actor,
        details=Details(Options(form, **options)),
        by_hand=True,
    )
    job: Job = await engine.committer.submit(begin)
    return job


async def imported(
    office: Office, content: bytes, *, actor: str = ACTOR, rows_at_once: int = 100, **options: Any
) -> dict[str, Any]:
    """Import a file to its end; the report, with `lines`: (line, codes) of everything rejected."""
    job = await begun(office, actor=actor, **options)
    return await report(office, await imports.run(office.engine, job, Sheet(content), rows_at_once=rows_at_once))


async def report(office: Office, job: Job) -> dict[str, Any]:
    """What an import tells when it has ended."""
    lines = [
        (line, tuple(one.code for one in faults)) async for line, faults in imports.rejected_lines(office.engine, job)
    ]
    return {**imports.import_object(job), "lines": lines}


def counts(told: dict[str, Any]) -> tuple[int, int, int, int]:
    """(created, updated, unchanged, rejected)."""
    return told["created"], told["updated"], told["unchanged"], told["rejected"]
