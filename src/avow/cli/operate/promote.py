"""What would production take over from test, and shall it? Shown first, then done as it was shown."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from rich.console import Console

from avow.cli.opening import actor, ask
from avow.cli.options import Data, Database, Json
from avow.cli.output import table, tell
from avow.errors import UsageError
from avow.flow import promotion
from avow.flow.attributes import differences
from avow.flow.contract import Workspace
from avow.flow.engine import Engine
from avow.flow.promotion import Difference, Promoted
from avow.trust.contact import WorkspaceId
from avow.trust.policy import WorkspaceKind
from avow.trust.promotion.plan import Step

EPILOG = """
[bold]Examples[/bold]

avow workspace promote --dry-run                   what would change, and what it would loosen

avow workspace promote --yes                       do it; locks stay locks

avow workspace promote --yes --loosen phone        and let browsers write phone unsigned, as in test
"""


def promote(
    test: Annotated[
        str | None, typer.Option("--from", metavar="ID", help="The test workspace; needed where there are several.")
    ] = None,
    loosen: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Confirm that this attribute is loosened; repeat it.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell, and do not ask.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it, and do not ask.")] = False,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Copy definitions and locks of attributes from test to production. Without --yes it asks, or only tells."""
    if dry_run and yes:
        raise UsageError("--dry-run writes nothing and --yes does it; expected one of them.", field="yes")
    found = ask(data, database, lambda engine: _difference(engine, test))
    if not yes:
        if not as_json:
            tell({}, False, lambda console: _show(console, found))
        if dry_run or as_json or not sys.stdin.isatty() or not found.plan.steps:
            if as_json:
                tell(_told(found, None), True, lambda _: None)
            return
        typer.confirm(f"Promote this to {found.production.id}?", abort=True)
    done = ask(data, database, lambda engine: _promote(engine, found, loosen or []))
    tell(_told(found, done), as_json, lambda console: _show_done(console, found, done))


async def _difference(engine: Engine, test: str | None) -> Difference:
    tests = [one for one in await engine.store.workspaces() if one.kind is WorkspaceKind.TEST]
    if test is None and len(tests) != 1:
        raise UsageError(f"There are {len(tests)} test workspaces; name one with --from.{_ids(tests)}", field="from")
    return await promotion.difference(engine.store, WorkspaceId(test) if test is not None else tests[0].id)


async def _promote(engine: Engine, found: Difference, loosen: list[str]) -> Promoted:
    return await promotion.promote(
        engine.store,
        found.test.id,
        seen=found.versions,
        confirmed=loosen,
        entropy=engine.entropy,
        actor=actor(),
    )


def _ids(tests: list[Workspace]) -> str:
    return "".join(f" {one.id} ({one.name})" for one in tests)


def _told(found: Difference, done: Promoted | None) -> dict[str, Any]:
    return {
        "test": found.test.id,
        "production": found.production.id,
        "versions": {"test": found.versions.test, "production": found.versions.production},
        "steps": [
            {
                "name": step.name,
                "move": step.move,
                "before": step.known.enforcement if step.known is not None else None,
                "after": step.wanted.enforcement,
                "loosens": step.loosens,
                "differs": {aspect: {"before": before, "after": after} for aspect, before, after in _beside(step)},
            }
            for step in found.plan.steps
        ],
        "hindered": [{"name": one.wanted.name, "why": one.why, "other": one.other} for one in found.plan.hindered],
        "promoted": [one.name for one in done.changed] if done is not None else None,
        "kept_locked": list(done.kept_locked) if done is not None else None,
    }


def _beside(step: Step) -> list[tuple[str, str, str]]:
    """What of a definition becomes another in production, beside its enforcement: (aspect, before, after)."""
    if step.known is None:
        return []
    types = [("type", str(step.known.type), str(step.wanted.type))] if step.known.type is not step.wanted.type else []
    return types + [one for one in differences(step.known, step.wanted) if one[0] in ("description", "options")]


def _show(console: Console, found: Difference) -> None:
    console.print(f"{found.test.name} ({found.test.id}) → {found.production.name} ({found.production.id})")
    if not found.plan.steps:
        console.print("Production has every definition and every lock that test has.")
    else:
        rows = [
            (
                step.name,
                step.move,
                step.known.enforcement if step.known is not None else "",
                step.wanted.enforcement,
                "yes: confirm with --loosen" if step.loosens else "",
            )
            for step in found.plan.steps
        ]
        console.print(table(("attribute", "what", "production now", "test", "loosens"), rows))
    for step in found.plan.steps:
        for aspect, before, after in _beside(step):
            console.print(f"{step.name}: {aspect} {before or '–'} → {after or '–'}", markup=False)
    for one in found.plan.hindered:
        console.print(f"{one.wanted.name} cannot be promoted: {one.why}{f' ({one.other})' if one.other else ''}")


def _show_done(console: Console, found: Difference, done: Promoted) -> None:
    names = ", ".join(one.name for one in done.changed) or "nothing"
    console.print(f"In {found.production.id} as in test now: {names}.")
    if done.kept_locked:
        console.print(f"Not loosened, because it was not confirmed: {', '.join(done.kept_locked)}.")
