"""Is anything set up wrong? `avow doctor` looks at machine, database, keys and policy, and says what to do."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from avow.cli.opening import require_file, settings_of
from avow.cli.operate.surroundings import look
from avow.cli.options import Data, Database, Json
from avow.cli.output import REFUSED, plain, tell
from avow.errors import AvowError
from avow.flow.contract import Store
from avow.flow.contract.upkeep import Vitals
from avow.flow.upkeep.doctor import (
    Finding,
    Level,
    Surroundings,
    of_database,
    of_machine,
    of_migrations,
    of_workspace,
)
from avow.settings import Settings

EPILOG = """
[bold]Examples[/bold]

avow doctor               with the settings of the server that you ask about

avow doctor --json        for a machine that watches

It changes nothing. Exit code 1 if something is wrong; what is only worth a thought does not count.
"""
_DAY = 86_400
_HOUR = 3_600
_COLOURS = {Level.OK: "green", Level.ADVICE: "yellow", Level.WRONG: "bold red"}


def doctor(data: Data = None, database: Database = None, as_json: Json = False) -> None:
    """Find what is likely to be set up wrong, and say what to do."""
    settings = settings_of(data=data, database_url=database)
    require_file(settings)
    findings = asyncio.run(_examine(settings))
    counts = {str(level): sum(1 for one in findings if one.level is level) for level in Level}
    answer: dict[str, Any] = {"healthy": not counts["wrong"], **counts, "findings": msgspec.to_builtins(findings)}
    tell(answer, as_json, lambda console: _show(console, findings))
    if counts["wrong"]:
        raise typer.Exit(REFUSED)


async def _examine(settings: Settings) -> list[Finding]:
    from avow import app

    surroundings, key = look(settings)
    upkeep = app.upkeep(settings)
    findings: list[Finding] = []
    vitals: Vitals | None = None
    try:
        vitals = await upkeep.vitals()
        migrations = await upkeep.migrations()
        findings += [*of_database(vitals, settings.workers), of_migrations(migrations)]
        if migrations.current == migrations.head:
            async with app.open_data(settings) as store:
                findings += await _workspaces(store, key, surroundings)
    except AvowError as error:
        name = settings.database_name
        advice = f"See that {name} runs, that it may be reached from here, and that user and password are right."
        if settings.is_sqlite:
            advice = f"See that this user may write {settings.sqlite_path} and its directory; else bring a backup back."
        findings.append(Finding("database", Level.WRONG, error.message, advice))
    return [*of_machine(surroundings, vitals), *findings]


async def _workspaces(store: Store, key: bytes | None, surroundings: Surroundings) -> list[Finding]:
    now, found = surroundings.now, list[Finding]()
    for workspace in await store.workspaces():
        rules = await store.rules(workspace.id)
        if rules is None:
            continue
        found += of_workspace(
            rules,
            key,
            now=now,
            uses=await store.key_uses(workspace.id, since_day=int(now // _DAY) - 30),
            refusals=await store.refusals(workspace.id, since_hour=int(now // _HOUR) - 24),
            alerts=await store.alerts(workspace.id, since_day=int(now // _DAY) - 7),
            names_proxies=surroundings.names_proxies,
        )
    return found


def _show(console: Console, findings: list[Finding]) -> None:
    order = [Level.WRONG, Level.ADVICE, Level.OK]
    width = max(len(one.check) for one in findings)
    for one in sorted(findings, key=lambda one: order.index(one.level)):
        head = Text(f"{one.level:<8}", style=_COLOURS[one.level])
        head.append(f"{one.check:<{width}}  {one.workspace_id or '–':<10}", style="default")
        head.append(plain(one.found))
        console.print(head, soft_wrap=True)
        if one.advice:
            # Never folded: much of it is to be copied into a terminal.
            console.print(Text(" " * (width + 20)).append(plain(one.advice)), soft_wrap=True)
    wrong = sum(1 for one in findings if one.level is Level.WRONG)
    advice = sum(1 for one in findings if one.level is Level.ADVICE)
    console.print(f"\n{wrong} wrong, {advice} worth a thought." if wrong or advice else "\nNothing was found.")
