"""Has anybody rewritten what became of people? Every chain of every workspace, verified, and held against a digest."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console

from avow.cli.opening import ask, settings_of, workspace_of, workspaces_of
from avow.cli.options import Data, Database, Json, WorkspaceOption, text
from avow.cli.output import REFUSED, table, tell
from avow.cli.progress import bar
from avow.errors import AvowError
from avow.flow.audit import Audit, audit
from avow.flow.engine import Engine
from avow.trust.audit.checkpoint import LAG, Checkpoint, difference, parse
from avow.trust.contact import WorkspaceId

EPILOG = """
[bold]Examples[/bold]

avow audit verify                        every workspace

avow audit verify --workspace ID --json

avow audit verify --against kept.txt     is the history still the one that checkpoint was made of?

Exit code 1 if anything is not as it was written. A chain shows what was edited, dropped or moved; it does not stop
somebody who can rewrite the whole database, its hashes included. A checkpoint that is kept elsewhere shows that too.
"""
CHECKPOINT_EPILOG = """
[bold]Examples[/bold]

avow audit checkpoint >> kept.txt        then take kept.txt where nobody reaches it who reaches the database

avow audit verify --against kept.txt     later
"""

app = typer.Typer(name="audit", help="Whether the records still verify.", no_args_is_help=True)
Against = Annotated[
    Path | None, typer.Option(metavar="FILE", help="What `avow audit checkpoint` printed; - is standard input.")
]


@app.callback()
def _group() -> None:
    """Whether the records still verify."""


@app.command(epilog=EPILOG)
def verify(
    workspace: WorkspaceOption = None,
    against: Against = None,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Look for edited, dropped and reordered records, and for values that no record tells of."""
    kept = parse(text(against, "--against")) if against is not None else []
    audits = ask(data, database, lambda engine: _audit(engine, workspace))
    compared, rewritten = 0, list[tuple[Checkpoint, str]]()
    if kept:
        compared, rewritten = ask(data, database, lambda engine: _compare(engine, workspace, kept))
    holds = all(one.holds for one in audits) and not rewritten
    answer: dict[str, Any] = {"verified": holds, "workspaces": [_told(one) for one in audits]}
    if against is not None:
        said = [{"workspace_id": one.workspace_id, "until": one.until, "message": why} for one, why in rewritten]
        answer["checkpoints"] = {"compared": compared, "differences": said}
    tell(answer, as_json, lambda on: _show(on, audits, (compared, len(kept)), rewritten))
    if not holds:
        raise typer.Exit(REFUSED)


@app.command(epilog=CHECKPOINT_EPILOG)
def checkpoint(
    workspace: WorkspaceOption = None, data: Data = None, database: Database = None, as_json: Json = False
) -> None:
    """Print a digest over all chains, a line for each workspace, to keep elsewhere."""
    settings = settings_of(data=data, database_url=database)

    async def ends(engine: Engine) -> list[Audit]:
        from avow import app as joined

        now = min(time.time(), (await joined.upkeep(settings).vitals()).now)
        return await _audit(engine, workspace, until=int(now) - LAG)

    audits = ask(data, database, ends)
    if not all(one.holds for one in audits):
        raise AvowError(
            "Not every chain verifies, so there is nothing to hold later ones against. See: avow audit verify",
            code="audit_failed",
        )
    found = [one.checkpoint for one in audits]
    lines = "\n".join(map(str, found))
    tell(msgspec.to_builtins(found), as_json, lambda console: console.print(lines, soft_wrap=True))


async def _audit(engine: Engine, workspace: str | None, until: int | None = None) -> list[Audit]:
    with bar("Verifying chains") as show:
        return [
            await audit(engine.store, one, until, lambda chains: show(chains, None))
            for one in await _asked_about(engine, workspace)
        ]


async def _compare(
    engine: Engine, workspace: str | None, kept: Sequence[Checkpoint]
) -> tuple[int, list[tuple[Checkpoint, str]]]:
    """How many kept checkpoints are of the workspaces that were asked about, and what they show."""
    asked = set(await _asked_about(engine, workspace))
    known = {one.id for one in await workspaces_of(engine)}
    found, compared = [], 0
    with bar("Comparing") as show:
        for one in kept:
            compared += one.workspace_id in asked or one.workspace_id not in known
            if one.workspace_id not in known:
                found.append((one, "the workspace is not there any more"))
            elif one.workspace_id in asked:
                now = await audit(engine.store, one.workspace_id, one.until, lambda chains: show(chains, None))
                if why := difference(one, now.checkpoint):
                    found.append((one, why))
    return compared, found


async def _asked_about(engine: Engine, workspace: str | None) -> list[WorkspaceId]:
    if workspace is not None:
        return [(await workspace_of(engine, workspace)).id]
    return [one.id for one in await workspaces_of(engine)]


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


def _show(
    console: Console, audits: list[Audit], counts: tuple[int, int], rewritten: list[tuple[Checkpoint, str]]
) -> None:
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
    for checkpoint, why in rewritten:
        console.print(f"{checkpoint.workspace_id}: not the history of the checkpoint: {why}")
    compared, kept = counts
    if compared and not rewritten:
        console.print(f"The history is that of the {compared} checkpoints.")
    if compared < kept:
        console.print(f"Of another workspace, and not compared: {kept - compared} checkpoints.")
