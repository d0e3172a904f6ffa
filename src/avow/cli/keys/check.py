"""Why is a token refused, or a value ignored? Every check and verdict, against what is stored; nothing is written."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from avow.cli.opening import ask_workspace
from avow.cli.options import Data, Database, Json, WorkspaceOption, text
from avow.cli.output import REFUSED, moment, plain, table, tell
from avow.errors import UsageError
from avow.flow.contract import Workspace
from avow.flow.engine import Engine
from avow.flow.updates.payload import Payload, payload_of
from avow.flow.updates.proposals import Proposal, enforcements_of
from avow.flow.updates.trial import AS_IT_IS, Trial, attempt
from avow.trust.contact import Channel
from avow.trust.policy import Platform
from avow.trust.strict_json import StrictJsonError, loads
from avow.trust.token_checks.numbers import Outcome

EPILOG = """
[bold]Examples[/bold]

avow check eyJhbGciOi… --data avow-data

avow sign user-1 plan=pro | avow check -          from standard input, so that no one else sees it

avow check - --platform ios --user-id user-1      as an iOS app would send it, naming the user itself

avow check - --payload page.json --proposed plan=locked --proposed-policy require_exp=true

The last asks what would become of the token, and of what the page says beside it, now and under other rules.

Exit code 1 if the request would be refused as things are.
"""
_MARKS = {
    Outcome.PASSED: Text("passed", "green"),
    Outcome.FAILED: Text("FAILED", "bold red"),
    Outcome.NOT_REACHED: Text("not reached", "dim"),
}
_DEPTH = 8


class Tried(msgspec.Struct, frozen=True):
    """What was found out now, and what would be under the proposed rules, if any are."""

    now: Trial
    proposed: Trial | None


def check(
    token: Annotated[str, typer.Argument(metavar="TOKEN", help="The token; - reads it from standard input.")],
    platform: Annotated[Platform, typer.Option(help="By which Messenger it would come.")] = Platform.WEB,
    user_id: Annotated[str | None, typer.Option(help="The user_id that the request names beside its token.")] = None,
    payload: Annotated[
        Path | None, typer.Option(help="File of what the page says beside its token: user_data, as JSON.")
    ] = None,
    proposed: Annotated[
        list[str] | None, typer.Option(metavar="NAME=ENFORCEMENT", help="An attribute as if it were open or locked.")
    ] = None,
    proposed_policy: Annotated[
        list[str] | None, typer.Option(metavar="SETTING=JSON", help="A setting of the policy as if it were that.")
    ] = None,
    workspace: WorkspaceOption = None,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Show what would become of a token now: V1 to V12, and the verdict of every attribute."""
    raw_token = text(Path("-"), "TOKEN").strip() if token == "-" else token
    said, proposal = _payload(payload, user_id), _proposal(proposed or [], proposed_policy or [])

    async def try_it(engine: Engine, found: Workspace) -> Tried:
        async def under(one: Proposal) -> Trial:
            return await attempt(engine, found.id, raw_token, platform=platform, payload=said, proposal=one)

        return Tried(await under(AS_IT_IS), await under(proposal) if proposal else None)

    tried = ask_workspace(data, database, workspace, try_it)
    told = _told(tried.now)
    if tried.proposed is not None:
        told["proposed"] = _told(tried.proposed)
    tell(told, as_json, lambda console: _show(console, tried))
    if not tried.now.believed:
        raise typer.Exit(REFUSED)


def _payload(path: Path | None, user_id: str | None) -> Payload:
    said = payload_of(_object(text(path, "--payload"), "--payload")) if path is not None else Payload()
    if user_id is None:
        return said
    if said.unproven_user_id not in (None, user_id):
        raise UsageError("--user-id is not the user_id of the --payload; name one of them.", field="user_id")
    return msgspec.structs.replace(said, unproven_user_id=user_id)


def _proposal(proposed: list[str], policy: list[str]) -> Proposal:
    if not proposed and not policy:
        return AS_IT_IS
    settings = dict(_pair(one, "--proposed-policy") for one in policy)
    raw_policy = {name: _value(raw) for name, raw in settings.items()}
    return Proposal(enforcements_of(dict(_pair(one, "--proposed") for one in proposed)), raw_policy)


def _pair(raw: str, option: str) -> tuple[str, str]:
    name, sign, value = raw.rpartition("=")
    if not sign or not name:
        raise UsageError(f"{option} is {raw[:60]!r}; expected NAME=VALUE, such as plan=locked.", field=option)
    return name, value


def _value(raw: str) -> object:
    """JSON, or else the text as it stands."""
    try:
        return loads(raw.encode(), max_depth=_DEPTH)
    except StrictJsonError:
        return raw


def _object(raw: str, option: str) -> dict[str, object]:
    try:
        value = loads(raw.encode(), max_depth=_DEPTH)
    except StrictJsonError as error:
        raise UsageError(f"{option} is not the JSON that is expected: {error}.", field=option) from None
    if not isinstance(value, dict):
        raise UsageError(f"{option} is not a JSON object.", field=option)
    return value


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


def _show(console: Console, tried: Tried) -> None:
    _show_trial(console, tried.now)
    if tried.proposed is not None:
        console.print("\nUnder the proposed rules:\n", style="bold")
        _show_trial(console, tried.proposed)
    if tried.now.believed:
        console.print("\nNothing was written.")


def _show_trial(console: Console, trial: Trial) -> None:
    checks = [
        (one.number, _MARKS[one.outcome], f"{one.reason}: {one.message}" if one.reason else one.title)
        for one in trial.checks
    ]
    console.print(table(("check", "outcome", ""), checks))
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
    shown = 3 if all(one.channel is Channel.SIGNED for one in trial.verdicts) else 4
    rows = [(one.name, one.verdict, one.reason, one.channel)[:shown] for one in trial.verdicts]
    columns = ("attribute", "verdict", "reason", "channel")[:shown]
    console.print(table(columns, rows) if rows else "It carries no attribute.")


def _times(dated: bool, trial: Trial) -> str:
    assert trial.claims is not None
    signed = f"signed {moment(trial.claims.signed_at)} UTC" if dated else "undated, so it can be replayed"
    expires_at = trial.claims.expires_at
    if expires_at is None:
        return f"{signed}, without an end"
    left = (expires_at - time.time()) / 60
    return f"{signed}, good for {left:.0f} minutes more" if left > 0 else f"{signed}, expired this minute"
