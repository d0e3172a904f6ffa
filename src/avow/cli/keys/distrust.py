"""What did a key vouch for while it was in other hands? Told first; taken back only when somebody says so."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from avow.cli.keys.losses import Losses
from avow.cli.opening import actor, ask_workspace
from avow.cli.options import Data, Database, Json, WorkspaceOption, past_moment
from avow.cli.output import tell
from avow.cli.progress import bar
from avow.errors import UsageError
from avow.flow import distrust as flow
from avow.flow.contract import Workspace
from avow.flow.engine import Engine

EPILOG = """
[bold]Examples[/bold]

avow key distrust acme-2024 --since 2026-03-01                    what it would do; nothing is written

avow key distrust acme-2024 --since 2026-03-01T09:30 --yes        do it

avow key distrust acme-2024 --since 7d --yes --report lost.jsonl  a line for each contact in a file

The key is revoked, for good. Every value that it vouched for since then loses that; what was vouched for before comes
back. Interrupted, it is begun again: what was done stays done. Times are UTC.
"""


class _Asked(msgspec.Struct, frozen=True):
    """Which key, since when, where, and the file that gets every line."""

    kid: str
    since: float
    data: str | None
    database: str | None
    workspace: str | None
    report: Path | None


def distrust(
    kid: Annotated[str, typer.Argument(metavar="KID", show_default=False, help="The key's kid.")],
    since: Annotated[
        str, typer.Option("--since", metavar="TIME", help="Since when others may have signed: a date, a time, or 7d.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell, and do not ask.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it, and do not ask.")] = False,
    report: Annotated[Path | None, typer.Option(help="File that gets a line of JSON for each entry.")] = None,
    workspace: WorkspaceOption = None,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Revoke a key, and take back what it has vouched for since a time. Without --yes it only tells."""
    if dry_run and yes:
        raise UsageError("--dry-run writes nothing and --yes does it; expected one of them.", field="yes")
    asked = _Asked(kid, past_moment(since, "--since"), data, database, workspace, report)
    if not yes:
        told = _rehearse(asked)
        tell(told.told(), as_json, told.show)
        if dry_run or as_json or not sys.stdin.isatty():
            return
        typer.confirm(f"Revoke {kid} for good, and do this?", abort=True)
    done = _do(asked)
    tell(done.told(), as_json, done.show)


def _rehearse(asked: _Asked) -> Losses:
    async def rehearse(engine: Engine, found: Workspace) -> Losses:
        steps = flow.rehearse(engine, found.id, asked.kid, since=asked.since)
        return await _gathered(Losses(asked.kid, asked.since, True), steps, asked.report)

    return ask_workspace(asked.data, asked.database, asked.workspace, rehearse)


def _do(asked: _Asked) -> Losses:
    async def do(engine: Engine, found: Workspace) -> Losses:
        async with engine.running():
            key = await flow.begin(engine, found.id, asked.kid, since=asked.since, actor=actor())
            since = asked.since if key.distrusted_since is None else key.distrusted_since
            steps = flow.sweep(engine, found.id, key, actor=actor())
            return await _gathered(Losses(asked.kid, since, False), steps, asked.report)

    return ask_workspace(asked.data, asked.database, asked.workspace, do)


async def _gathered(losses: Losses, steps: AsyncIterator[flow.Step], path: Path | None) -> Losses:
    lines = path.open("wb") if path is not None else None
    try:
        with bar("Records") as show:
            async for step in steps:
                losses.take(step, lines)
                show(losses.records, None)
    finally:
        if lines is not None:
            lines.close()
    return losses
