"""What does each address of imports and exports do, in one line, and by which types?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from msgspec import Meta

from avow.api.bulk import shapes
from avow.api.shapes import CURSORS, ONCE, PAGED, WHOM, Nothing
from avow.web.operations import ContactId, Media, Operation, Parameter, Place

BULK: Final = "Imports and exports"
_GONE: Final = {404: ("job_not_found",)}
_MOVED: Final = {404: ("job_not_found",), 409: ("import_closed", "import_empty", "job_moved")}


def _step(summary: str) -> Operation:
    return Operation(
        summary=summary, subject=BULK, body=Nothing, body_required=False, answer=shapes.Import, refusals=_MOVED
    )


OPERATIONS: Final[Mapping[str, Operation]] = {
    "GET /imports": Operation(
        summary="List imports", subject=BULK, answer=shapes.ImportList, query=PAGED, refusals=CURSORS
    ),
    "POST /imports": Operation(
        summary="Make an import",
        subject=BULK,
        body=shapes.MakeImport,
        answer=shapes.Import,
        headers=(ONCE,),
        refusals={409: ("too_many_imports",)},
    ),
    "GET /imports/{id}": Operation(summary="Get an import", subject=BULK, answer=shapes.Import, refusals=_GONE),
    "PUT /imports/{id}/content": Operation(
        summary="Send a part of the file",
        subject=BULK,
        body=Media(
            "The next bytes of the file, at most 64 KiB.",
            ("application/octet-stream", "text/csv", "application/x-ndjson"),
        ),
        answer=shapes.Import,
        query=(
            Parameter(
                "offset",
                Annotated[int, Meta(ge=0, le=999_999_999_999)],
                "Where in the file the bytes belong. Only the first part may leave it out.",
            ),
        ),
        refusals={**_MOVED, 409: ("import_closed", "job_moved", "offset_mismatch", "import_too_large")},
    ),
    "POST /imports/{id}/start": _step("Start an import"),
    "POST /imports/{id}/cancel": _step("Cancel an import"),
    "GET /imports/{id}/rejected": Operation(
        summary="Download the lines that were rejected",
        subject=BULK,
        answer=Media("`line`, `code`, `field` and `message` of everything that is wrong with a line.", ("text/csv",)),
        refusals=_GONE,
    ),
    "GET /exports": Operation(
        summary="List exports", subject=BULK, answer=shapes.ExportList, query=PAGED, refusals=CURSORS
    ),
    "POST /exports": Operation(
        summary="Make an export",
        subject=BULK,
        body=shapes.MakeExport,
        answer=shapes.Export,
        headers=(ONCE,),
    ),
    "GET /exports/{id}": Operation(summary="Get an export", subject=BULK, answer=shapes.Export, refusals=_GONE),
    "GET /exports/{id}/download": Operation(
        summary="Download an export",
        subject=BULK,
        answer=Media("Everybody, in the form that was asked for.", ("text/csv", "application/x-ndjson")),
        query=(Parameter("after", ContactId, "The last contact that arrived: the download goes on behind it."),),
        refusals={**_GONE, 404: ("job_not_found", "not_found")},
    ),
    "GET /contacts/{id}/export": Operation(
        summary="Export everything about one person",
        subject=BULK,
        answer=shapes.Everything,
        path=(Parameter("id", ContactId, "The contact's id.", place=Place.PATH),),
        refusals=WHOM,
    ),
}
"""By method and address."""
