"""How is an import told? As JSON: what was asked for, how far it has come, and what became of it."""

from __future__ import annotations

from typing import Any

import msgspec

from avow.flow.contract import Job
from avow.flow.imports.job import details_of, progress_of


def import_object(job: Job) -> dict[str, Any]:
    """An import as REST and the command line tell it. Times are whole Unix seconds."""
    details, progress = details_of(job), progress_of(job)
    options, layout = details.options, details.layout
    return {
        "type": "import",
        "id": job.id,
        "state": job.state,
        "format": options.form,
        "mode": options.mode,
        "dry_run": options.dry_run,
        "strict": options.strict,
        "received_bytes": details.received,
        "total_rows": None if layout is None else layout.rows,
        "rows": progress.rows,
        "created": progress.created,
        "updated": progress.updated,
        "unchanged": progress.unchanged,
        "rejected": progress.rejected,
        "ignored_values": progress.ignored,
        "ignored_columns": [] if layout is None else list(layout.ignored),
        "created_attributes": {} if layout is None else dict(layout.fresh),
        "errors": [msgspec.to_builtins(one) for one in progress.faults],
        "actor": job.actor,
        "created_at": int(job.created_at),
        "updated_at": int(job.updated_at),
        "finished_at": None if job.finished_at is None else int(job.finished_at),
    }
