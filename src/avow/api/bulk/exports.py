"""How does a backend take people out? An export is made, then downloaded; a download may go on where it broke off.

- Whoever reads people one by one may export them; who did is written down.
- One person's export is everything that is known of her, for a request that the law gives her.

Source: spec §3, §10.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any, Final

from avow.api.exchange import Call
from avow.api.reading import body, optional, place, refuse_unknown
from avow.errors import BadInput
from avow.flow import contacts, exports
from avow.flow.contract import Job, JobKind
from avow.flow.exports import Export, Form, Options
from avow.trust.contact import ContactId
from avow.web.responses import JSON, Stream

PER_PAGE: Final = 20
_ENTRY: Final = re.compile(r"[0-9a-f]{24}")
_MEDIA: Final = {Form.CSV: b"text/csv; charset=utf-8", Form.JSON_LINES: b"application/x-ndjson"}


async def listed(call: Call) -> dict[str, Any]:
    """`GET /exports`: newest first."""
    where = place(call, usual=PER_PAGE, entry=_ENTRY)
    jobs, size = call.engine.store.jobs, where.per_page
    found = await jobs.listed(call.workspace_id, JobKind.EXPORT, before=where.after, limit=size + 1)
    last = found[size - 1].id if len(found) > size else None
    return {"type": "list", "data": [_export_object(job) for job in found[:size]], "pages": where.pages(None, last)}


async def create(call: Call) -> dict[str, Any]:
    """`POST /exports`."""
    said = body(call)
    refuse_unknown(said, "format", "verified", "plain")
    try:
        form = Form(optional(said, "format", str) or Form.CSV)
    except ValueError:
        raise BadInput("format is not csv or jsonl, one of which is expected.", field="format") from None
    options = Options(form, bool(optional(said, "verified", bool)), bool(optional(said, "plain", bool)))
    actor = call.caller.token.actor
    job = await exports.make(call.engine, call.workspace_id, options, actor=actor, idempotency=call.idempotency)
    return _export_object(job)


async def get(call: Call) -> dict[str, Any]:
    """`GET /exports/{id}`."""
    return _export_object(await exports.find(call.engine.store, call.workspace_id, call.path["id"]))


async def download(call: Call) -> Stream:
    """`GET /exports/{id}/download`: everybody, or those behind `after`, the id of the last one that arrived."""
    job = await exports.find(call.engine.store, call.workspace_id, call.path["id"])
    export = exports.options_of(job)
    raw_after = call.query.get("after", "")
    after = contacts.contact_id_of(raw_after) if raw_after else None
    name = f"people-{job.id}.{export.options.form}".encode()
    headers = (
        (b"content-type", _MEDIA[export.options.form]),
        (b"content-disposition", b'attachment; filename="%s"' % name),
    )
    return Stream(_pieces(call, export, after), headers)


async def _pieces(call: Call, export: Export, after: ContactId | None) -> AsyncIterator[bytes]:
    if after is None and export.header:
        yield export.header
    pages = exports.stream(call.engine.store, call.workspace_id, export, call.rules, call.engine.now(), after=after)
    async for page, _ in pages:
        yield page


async def one(call: Call) -> Stream:
    """`GET /contacts/{id}/export`: all that is known of one person."""
    contact = await contacts.get(call.engine.store, call.workspace_id, call.path["id"])
    engine = call.engine
    if call.scope["method"] != "HEAD":  # which takes nobody out
        await exports.note(
            engine.store,
            call.workspace_id,
            entropy=engine.entropy,
            actor=call.caller.token.actor,
            action="contact.export",
            told="",
            subject=contact.id,
        )
    return Stream(exports.everything(engine.store, contact, call.rules, engine.now()), (JSON,))


def _export_object(job: Job) -> dict[str, Any]:
    export = exports.options_of(job)
    return {
        "type": "export",
        "id": job.id,
        "state": job.state,
        "format": export.options.form,
        "verified": export.options.verified,
        "plain": export.options.plain,
        "attributes": [*export.standard, *export.custom],
        "download_url": f"/exports/{job.id}/download",
        "actor": job.actor,
        "created_at": int(job.created_at),
    }
