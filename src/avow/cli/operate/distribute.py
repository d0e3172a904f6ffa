"""Shall the data lie on many machines? `avow distribute` hands the tables to Citus, once; again, it changes nothing."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final

import msgspec
import typer
from rich.console import Console

from avow.cli.opening import require_tables, settings_of
from avow.cli.options import Data, Database, Json
from avow.cli.output import tell
from avow.settings import Settings

EPILOG = """
[bold]Examples[/bold]

avow distribute --dry-run        the SQL, without asking any database

avow distribute                  on the coordinator, in a quiet hour; servers may be away meanwhile

It pays from about six machines on, or when the data outgrow one disk. Designed for Citus.
"""
_ANY: Final = "postgresql:///none"
"""No database: the SQL is the same for every one, and whoever looks at it may still have SQLite."""


def distribute(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the SQL, and change nothing.")] = False,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Let a PostgreSQL with the extension Citus spread the data over many machines."""
    from avow import app

    settings = settings_of(data=data, database_url=database)
    asked = msgspec.structs.replace(settings, database_url=_ANY) if dry_run else settings
    run = list(app.upkeep(asked).distribution())  # refuses what cannot be distributed at all
    if not dry_run:
        run = asyncio.run(_distribute(settings))
    tell({"distributed": not dry_run, "statements": run}, as_json, lambda console: _show(console, run, dry_run=dry_run))


async def _distribute(settings: Settings) -> list[str]:
    from avow import app

    await require_tables(settings)
    return [statement async for statement in app.upkeep(settings).distribute()]


def _show(console: Console, statements: list[str], *, dry_run: bool) -> None:
    for statement in statements:
        console.print(f"{statement};", soft_wrap=True)
    if not dry_run:
        console.print("The tables are distributed." if len(statements) > 1 else "They were so already.")
