"""Has anybody rewritten what became of people? Every chain of every workspace, verified."""

from __future__ import annotations

from typing import Any

import typer
from rich.console import Console

from avow.cli.opening import ask, workspace_of, workspaces_of
from avow.cli.options import Data, Database, Json, WorkspaceOption
from avow.cli.output import REFUSED, table, tell
from avow.flow.audit import Audit, audit
from avow.flow.engine import Engine

EPILOG = """
[bold]Examples[/bold]

avow audit verify                        every workspace

avow audit verify --workspace ID --json

Exit code 1 if anything is not as it was written. A chain shows what was edited, dropped or moved; it does not stop
somebody who can rewrite the whole database, its hashes included.
"""

app = typer.Typer(name="audit", help="Whether the records still verify.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Whether the records still verify."""


@app.command(epilog=EPILOG)
def verify(
    workspace: WorkspaceOption = None, data: Data = None, database: Database = None, as_json: Json = False
) -> None:
    """Look for edited, dropped and reordered records, and for values that no record tells of."""

    async def every(engine: Engine) -> list[Audit]:
        if workspace is not None:
            ids = [(await workspace_of(engine, workspace)).id]
        else:
            ids = [one.id for one in await workspaces_of(engine)]
        return [await audit(engine.store, one) for one in ids]

    audits = ask(data, database, every)
    holds = all(one.holds for one in audits)
    tell({"verified": holds, "workspaces": [_told(one) for one in audits]}, as_json, lambda on: _show(on, audits))
    if not holds:
        raise typer.Exit(REFUSED)


def _told(one: Audit) -> dict[str, Any]:
    return {
        "workspace_id": one.workspace_id,
        "verified": one.holds,
        "contacts": one.contacts,
        "erased": one.erased,
        "records": one.records,
        "faults": one.faults,
        "findings": [
            {"contact_id": it.contact_id, "seq": it.seq, "fault": it.fault, "message": it.message}
            for it in one.findings
        ],
    }


def _show(console: Console, audits: list[Audit]) -> None:
    for one in audits:
        verdict = "every chain verifies" if one.holds else f"{one.faults} findings"
        console.print(
            f"{one.workspace_id}: {verdict} ({one.records} records, {one.contacts} contacts, {one.erased} erased)"
        )
        if one.findings:
            rows = [(it.contact_id, it.seq, it.fault.replace("_", " "), it.message) for it in one.findings]
            console.print(table(("contact", "record", "fault", "what was found"), rows))
        if one.faults > len(one.findings):
            console.print(f"… and {one.faults - len(one.findings)} more.")
