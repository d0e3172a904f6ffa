"""How does a backend bring in many people at once? As a job: made, fed in parts, started, looked at.

- A request holds 64 KiB, so a file comes in parts, each at its `offset`, which only the first may leave out; the same
  bytes at the same place are one. Few people come with the request that makes the import, as `contacts`.
- Any server process works on it; what is asked of it here is only written down.
- The values are vouched for as the access token is; `relaying` says that they are not.

Source: contract/intercom-notes.md §4.2 (Intercom previews bulk jobs of 100 people, without a file or a report).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec

from avow.api.exchange import Call
from avow.api.reading import body, may_say, optional, place, refuse_unknown
from avow.errors import BadInput, Conflict
from avow.flow import imports
from avow.flow.contract import ENDED, Job, JobKind
from avow.flow.exports import guarded
from avow.flow.imports import Details, FileFault, Form, Options
from avow.trust.access import Mode
from avow.web.responses import Stream

PER_PAGE: Final = 20
MAX_UNFINISHED: Final = 20
"""Imports of one workspace that have not ended."""
_ASKED: Final = ("format", "contacts", "columns", "relaying", "strict", "create_attributes", "dry_run")
_ENTRY: Final = re.compile(r"[0-9a-f]{24}")
_OFFSET: Final = re.compile(r"[0-9]{1,12}")


async def listed(call: Call) -> dict[str, Any]:
    """`GET /imports`: newest first."""
    where = place(call, usual=PER_PAGE, entry=_ENTRY)
    jobs, size = call.engine.store.jobs, where.per_page
    found = await jobs.listed(call.workspace_id, JobKind.IMPORT, before=where.after, limit=size + 1)
    last = found[size - 1].id if len(found) > size else None
    return {
        "type": "list",
        "data": [imports.import_object(job) for job in found[:size]],
        "pages": where.pages(None, last),
    }


async def get(call: Call) -> dict[str, Any]:
    """`GET /imports/{id}`."""
    return imports.import_object(await imports.find(call.engine, call.workspace_id, call.path["id"]))


async def create(call: Call) -> dict[str, Any]:
    """`POST /imports`."""
    said = body(call)
    refuse_unknown(said, *_ASKED)
    content = _contacts(said)
    options = _options(said, Form.JSON_LINES if content else None, call.caller.token.mode)
    recent = await call.engine.store.jobs.listed(call.workspace_id, JobKind.IMPORT, before=None, limit=200)
    if sum(job.state not in ENDED for job in recent) >= MAX_UNFINISHED:
        message = f"There are {MAX_UNFINISHED} imports that have not ended. Wait for one, or cancel one."
        raise Conflict(message, code="too_many_imports")
    token = call.caller.token
    begin = imports.Begin(
        workspace_id=call.workspace_id,
        job_id=f"{int(call.engine.now()):08x}{call.engine.entropy(8).hex()}",
        token=token,
        idempotency=call.idempotency,
        actor=token.actor,
        details=Details(options, token.id),
        content=content,
    )
    return await _done(call, begin)


async def receive(call: Call) -> dict[str, Any]:
    """`PUT /imports/{id}/content`: the next bytes, as they are."""
    offset = call.query.get("offset")
    if offset is not None and not _OFFSET.fullmatch(offset):
        raise BadInput("offset is not a number of bytes, which is expected.", field="offset")
    if not call.raw_body:
        raise BadInput("The body is empty. Send the next bytes of the file.", code="bad_request")
    where = None if offset is None else int(offset)
    step = imports.Receive(**_of(call), content=call.raw_body, offset=where)
    return imports.import_object(await imports.received(call.engine, step))


async def start(call: Call) -> dict[str, Any]:
    """`POST /imports/{id}/start`: everything was sent."""
    may_say(call)
    return await _done(call, imports.Start(**_of(call)))


async def cancel(call: Call) -> dict[str, Any]:
    """`POST /imports/{id}/cancel`: what has been written stays."""
    may_say(call)
    return await _done(call, imports.Cancel(**_of(call)))


async def rejected(call: Call) -> Stream:
    """`GET /imports/{id}/rejected`: a line of CSV for everything that is wrong with a line of the file."""
    job = await imports.find(call.engine, call.workspace_id, call.path["id"])
    headers = (
        (b"content-type", b"text/csv; charset=utf-8"),
        (b"content-disposition", b'attachment; filename="rejected-%s.csv"' % job.id.encode()),
    )
    return Stream(_rejected_lines(call, job), headers)


async def _rejected_lines(call: Call, job: Job) -> AsyncIterator[bytes]:
    yield _csv([("line", "code", "field", "message")])
    async for line, faults in imports.rejected_lines(call.engine, job):
        yield _csv([_row(line, one) for one in faults])


def _row(line: int, fault: FileFault) -> tuple[str, ...]:
    return str(line), fault.code, guarded(fault.field or ""), fault.message


def _csv(rows: list[tuple[str, ...]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


async def _done(call: Call, step: Any) -> dict[str, Any]:
    job: Job = await call.engine.committer.submit(step)
    return imports.import_object(job)


def _of(call: Call) -> dict[str, Any]:
    return {"workspace_id": call.workspace_id, "job_id": call.path["id"], "token": call.caller.token}


def _options(said: dict[str, object], form: Form | None, mode: Mode) -> Options:
    """`mode` is the token's: what a relaying one brings is relayed, whatever was said."""
    raw_form = optional(said, "format", str)
    try:
        form = form or Form(raw_form or "")
    except ValueError:
        raise BadInput("format is not csv or jsonl, one of which is expected.", field="format") from None
    columns = optional(said, "columns", dict) or {}
    if not all(isinstance(name, str) for name in columns.values()):
        raise BadInput("columns gives a column a meaning that is no text.", field="columns")
    return Options(
        form,
        Mode.RELAYING if optional(said, "relaying", bool) else mode,
        columns,
        bool(optional(said, "strict", bool)),
        bool(optional(said, "create_attributes", bool)),
        bool(optional(said, "dry_run", bool)),
    )


def _contacts(said: dict[str, object]) -> bytes:
    """The people who came with the request, as lines of JSON."""
    people = optional(said, "contacts", list)
    if people is None:
        return b""
    if not people or not all(isinstance(one, dict) for one in people):
        raise BadInput("contacts is not a list of objects, at least one, which is expected.", field="contacts")
    return b"".join(msgspec.json.encode(one) + b"\n" for one in people)
