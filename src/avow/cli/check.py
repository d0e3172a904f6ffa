"""Why is a token refused, or a value ignored? Every check and verdict, against what is stored; nothing is written."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from avow.cli.opening import ask_workspace
from avow.cli.options import Data, Database, Json, WorkspaceOption, text
from avow.cli.output import REFUSED, moment, plain, table, tell
from avow.flow.contract import Workspace
from avow.flow.engine import Engine
from avow.flow.updates.trial import Trial, attempt
from avow.trust.policy import Platform
from avow.trust.token_checks.numbers import Outcome

EPILOG = """
[bold]Examples[/bold]

avow check eyJhbGciOi… --data avow-data

avow sign user-1 plan=pro | avow check -          from standard input, so that no one else sees it

avow check - --platform ios --user-id user-1      as an iOS app would send it, naming the user itself

Exit code 1 if the request would be refused.
"""
_MARKS = {
    Outcome.PASSED: Text("passed", "green"),
    Outcome.FAILED: Text("FAILED", "bold red"),
    Outcome.NOT_REACHED: Text("not reached", "dim"),
}


def check(
    token: Annotated[str, typer.Argument(metavar="TOKEN", help="The token; - reads it from standard input.")],
    platform: Annotated[Platform, typer.Option(help="By which Messenger it would come.")] = Platform.WEB,
    user_id: Annotated[str | None, typer.Option(help="The user_id that the request names beside its token.")] = None,
    workspace: WorkspaceOption = None,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Show what would become of a token now: V1 to V12, and the verdict of every attribute."""
    raw_token = text(Path("-"), "TOKEN").strip() if token == "-" else token

    async def try_it(engine: Engine, found: Workspace) -> Trial:
        return await attempt(engine, found.id, raw_token, platform=platform, unproven_user_id=user_id)

    trial = ask_workspace(data, database, workspace, try_it)
    tell(_told(trial), as_json, lambda console: _show(console, trial))
    if not trial.believed:
        raise typer.Exit(REFUSED)


def _told(trial: Trial) -> dict[str, Any]:
    claims = trial.claims
    return {
        "accepted": trial.believed,
        "platform": trial.platform,
        "checks": [
            {
                "check": one.number,
                "title": one.title,
                "outcome": one.outcome,
                "reason": one.reason,
                "message": one.message or None,
            }
            for one in trial.checks
        ],
        "refusal": trial.refusal,
        "user_id": claims.user_id if claims else None,
        "key_id": claims.kid if claims else None,
        "signed_at": claims.signed_at if claims else None,
        "dated": claims.dated if claims else None,
        "expires_at": claims.expires_at if claims else None,
        "contact_id": trial.contact_id,
        "attributes": [
            {"name": one.name, "verdict": one.verdict, "reason": one.reason, "channel": one.channel}
            for one in trial.verdicts
        ],
    }


def _show(console: Console, trial: Trial) -> None:
    rows = [
        (one.number, _MARKS[one.outcome], f"{one.reason}: {one.message}" if one.reason else one.title)
        for one in trial.checks
    ]
    console.print(table(("check", "outcome", ""), rows))
    claims = trial.claims
    if claims is None:
        console.print("\nThe whole request would be refused (401).")
        return
    who = f"contact {trial.contact_id}" if trial.contact_id else "a new user"
    console.print()
    console.print(plain(f"Signed by {claims.kid} about {claims.user_id!r}, {who}; {_times(claims.dated, trial)}."))
    if trial.refusal is not None:
        console.print(plain(f"The request would be refused: {trial.refusal}"))
        return
    verdicts = [(one.name, one.verdict, one.reason) for one in trial.verdicts]
    console.print(table(("attribute", "verdict", "reason"), verdicts) if verdicts else "It carries no attribute.")
    console.print("\nNothing was written.")


def _times(dated: bool, trial: Trial) -> str:
    assert trial.claims is not None
    signed = f"signed {moment(trial.claims.signed_at)} UTC" if dated else "undated, so it can be replayed"
    expires_at = trial.claims.expires_at
    if expires_at is None:
        return f"{signed}, without an end"
    left = (expires_at - time.time()) / 60
    return f"{signed}, good for {left:.0f} minutes more" if left > 0 else f"{signed}, expired this minute"
