"""What did a key vouch for while it was in other hands? Told first; taken back only when somebody says so."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec
import typer

from avow.cli.keys.losses import Losses
from avow.cli.opening import actor, ask_workspace
from avow.cli.options import Data, Database, Json, WorkspaceOption, new_file, past_moment
from avow.cli.output import tell
from avow.cli.progress import bar
from avow.errors import AvowError, UsageError
from avow.flow import distrust as flow
from avow.flow import keys
from avow.flow.contract import Workspace
from avow.flow.engine import Engine
from avow.trust.keys import SigningKey

EPILOG = """
[bold]Examples[/bold]

avow key distrust acme-2024 --since 2026-03-01                    what it would do; nothing is written

avow key distrust acme-2024 --since 2026-03-01T09:30 --yes        do it

avow key distrust acme-2024 --since 7d --yes --report lost.jsonl  a line for each contact in a file

The key is revoked, for good. Every value that it vouched for since then loses that; what was vouched for before comes
back. Interrupted, it is begun again: what was done stays done. Times are UTC.
"""


class _Asked(msgspec.Struct, frozen=True):
    """Which key, since when, and where."""

    kid: str
    since: float
    data: str | None
    database: str | None
    workspace: str | None


def distrust(
    kid: Annotated[str, typer.Argument(metavar="KID", show_default=False, help="The key's kid.")],
    since: Annotated[
        str, typer.Option("--since", metavar="TIME", help="Since when others may have signed: a date, a time, or 7d.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell, and do not ask.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it, and do not ask.")] = False,
    report: Annotated[Path | None, typer.Option(help="New file that gets a line of JSON for each entry.")] = None,
    workspace: WorkspaceOption = None,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Revoke a key, and take back what it has vouched for since a time. Without --yes it only tells."""
    if dry_run and yes:
        raise UsageError("--dry-run writes nothing and --yes does it; expected one of them.", field="yes")
    asked = _Asked(kid, past_moment(since, "--since"), data, database, workspace)
    with new_file(report, "report") as lines:
        if not yes:
            told = _rehearse(asked, lines)
            tell(told.told(), as_json, told.show)
            if dry_run or as_json or not sys.stdin.isatty():
                return
            typer.confirm(f"Revoke {kid} for good, and do this?", abort=True)
        if lines is not None:  # what was rehearsed is not what is done
            lines.seek(0)
            lines.truncate()
        try:
            done = _do(asked, lines)
        except KeyboardInterrupt:
            raise AvowError(_what_stays(asked), code="aborted") from None
    tell(done.told(), as_json, done.show)


def _rehearse(asked: _Asked, lines: BinaryIO | None) -> Losses:
    async def rehearse(engine: Engine, found: Workspace) -> Losses:
        steps = flow.rehearse(engine, found.id, asked.kid, since=asked.since)
        return await _gathered(Losses(asked.kid, asked.since, True), steps, lines)

    return ask_workspace(asked.data, asked.database, asked.workspace, rehearse)


def _do(asked: _Asked, lines: BinaryIO | None) -> Losses:
    async def do(engine: Engine, found: Workspace) -> Losses:
        async with engine.running():
            key = await flow.begin(engine, found.id, asked.kid, since=asked.since, actor=actor())
            since = asked.since if key.distrusted_since is None else key.distrusted_since
            steps = flow.sweep(engine, found.id, key, actor=actor())
            return await _gathered(Losses(asked.kid, since, False), steps, lines)

    return ask_workspace(asked.data, asked.database, asked.workspace, do)


async def _gathered(losses: Losses, steps: AsyncIterator[flow.Step], lines: BinaryIO | None) -> Losses:
    with bar("Records") as show:
        async for step in steps:
            losses.take(step, lines)
            show(losses.records, None)
    return losses


def _what_stays(asked: _Asked) -> str:
    """What is said to whoever stopped it. Whether the key is revoked by now is asked of the database."""

    async def every(engine: Engine, found: Workspace) -> tuple[SigningKey, ...]:
        return await keys.every(engine.store, found.id)

    found = ask_workspace(asked.data, asked.database, asked.workspace, every)
    if all(key.distrusted_since is None for key in found if key.kid == asked.kid):
        return "Stopped; nothing was changed."
    return (
        f"Stopped. {asked.kid} is revoked, for good, and what was taken back stays so. Type the same again to take "
        "back the rest, with another --report where one was named."
    )
