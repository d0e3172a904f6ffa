"""Where do an import's bytes come from? A file of the operator's, or the parts that a client has sent.

Either is read in blocks from any offset, as often as it takes. Source: spec §11 (bounded sizes).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final, Protocol

from avow.errors import Unavailable
from avow.flow.contract import Jobs
from avow.flow.imports.job import Details
from avow.flow.imports.reading import CsvRecords, Form, JsonRecords
from avow.flow.imports.reading.records import Records
from avow.trust.contact import WorkspaceId

BLOCK: Final = 64 * 1024


class Source(Protocol):
    """The bytes of a file. `read` gives some of them from an offset, nothing where it ends."""

    async def read(self, offset: int) -> bytes: ...


class SentParts:
    """The parts of a job, as one file."""

    def __init__(self, jobs: Jobs, workspace_id: WorkspaceId, job_id: str, size: int) -> None:
        self._jobs = jobs
        self._place = workspace_id, job_id
        self._size = size

    async def read(self, offset: int) -> bytes:
        """The rest of the part that holds this byte. Raises `Unavailable` where it is gone."""
        if offset >= self._size:
            return b""
        part = await self._jobs.part(*self._place, offset)
        if part is None:
            raise Unavailable("A part of what was sent is gone. Send it again as a new import.")
        return part.content[offset - part.start :]


async def blocks(source: Source, offset: int) -> AsyncIterator[tuple[bytes, bool]]:
    """What follows an offset, block by block, each with whether it is the last."""
    block = await source.read(offset)
    while True:
        offset += len(block)
        following = await source.read(offset) if block else b""
        yield block, not following
        if not following:
            return
        block = following


def records(details: Details, position: int, line: int) -> Records:
    """Whatever reads a file of this form from a byte that stands behind that line."""
    if details.options.form is Form.JSON_LINES:
        return JsonRecords(position, line)
    assert details.layout is not None, "a CSV file is read once its header is known"
    return CsvRecords(details.layout.delimiter, position, line)
