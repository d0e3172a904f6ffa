"""Are the tables this program's? `avow migrate` brings them there, or with `--check` says what it would do."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer

from avow.cli.opening import ahead, require_file, settings_of
from avow.cli.options import Data, Database, Json
from avow.cli.output import REFUSED, tell
from avow.cli.progress import bar
from avow.errors import UsageError
from avow.flow.contract.upkeep import Migrations
from avow.settings import Settings

EPILOG = """
[bold]Examples[/bold]

avow migrate --check       exit code 1 if there is something to do

avow migrate               do it; servers that run wait for it, or are upgraded after it

One process migrates at a time, in one transaction: it is done, or nothing of it is.
"""


def migrate(
    check: Annotated[bool, typer.Option("--check", help="Only say whether there is something to do.")] = False,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Bring the database's tables to this version. `avow serve` does it too."""
    settings = settings_of(data=data, database_url=database)
    require_file(settings)
    before = asyncio.run(_look(settings))
    if not check and before.pending:
        asyncio.run(_migrate(settings, before))
    answer = {"database": settings.database_name, **_told(before, migrated=not check)}
    tell(answer, as_json, lambda console: console.print(_in_words(settings, before, migrated=not check)))
    if check and before.pending:
        raise typer.Exit(REFUSED)


async def _look(settings: Settings) -> Migrations:
    from avow import app

    found = await app.upkeep(settings).migrations()
    if found.is_ahead:
        raise UsageError(ahead(found), field="database")
    return found


async def _migrate(settings: Settings, before: Migrations) -> None:
    from avow import app

    done = 0
    with bar("Migrating") as show:
        show(0, len(before.pending))

        def step(_: str) -> None:
            nonlocal done
            done += 1
            show(done, len(before.pending))

        await app.upkeep(settings).migrate(step)


def _told(before: Migrations, *, migrated: bool) -> dict[str, Any]:
    return {
        "migrated": migrated or not before.pending,
        "was": before.current,
        "is": before.head if migrated else before.current,
        "expected": before.head,
        "steps": list(before.pending),
    }


def _in_words(settings: Settings, before: Migrations, *, migrated: bool) -> str:
    name = settings.database_name
    if not before.pending:
        return f"{name} has the tables of this version ({before.head})."
    steps = f"{before.current or 'nothing'} to {before.head}, {len(before.pending)} steps"
    if migrated:
        return f"{name} has the tables of this version now ({steps})."
    return f"{name} has to be migrated ({steps}). Back it up, then run: avow migrate"
