"""Which workspaces are there, and what does each believe on whose word? Every setting of `trust/policy.py`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console

from avow.cli.opening import actor, ask, ask_workspace, workspaces_of
from avow.cli.options import Data, Database, Json, WorkspaceOption, duration
from avow.cli.output import moment, table, tell
from avow.errors import UsageError
from avow.flow.contract import Workspace
from avow.flow.engine import Engine
from avow.flow.workspaces import set_policy
from avow.trust.policy import MayCreate, MessengerSecurity, Platform, Policy, UndatedTokens

app = typer.Typer(name="workspace", help="Workspaces and their settings.", no_args_is_help=True)

EPILOG = """
[bold]Examples[/bold]

avow workspace set --messenger-security web=required      no identity without proof, on web pages

avow workspace set --max-token-lifetime 1h --undated-tokens refuse

avow workspace set --explain-verdicts --workspace ID      browsers are told what became of each value
"""

_NO_LIMIT = -1


@app.command("list")
def list_(data: Data = None, database: Database = None, as_json: Json = False) -> None:
    """Every workspace of this database."""
    found = ask(data, database, workspaces_of)
    rows = [(one.id, one.name, one.kind, one.timezone, moment(one.created_at)) for one in found]
    columns = ("id", "name", "kind", "time zone", "created (UTC)")
    tell([_told(one) for one in found], as_json, lambda console: console.print(table(columns, rows)))


@app.command()
def show(
    workspace: WorkspaceOption = None, data: Data = None, database: Database = None, as_json: Json = False
) -> None:
    """One workspace with all its settings."""

    async def itself(_: Engine, found: Workspace) -> Workspace:
        return found

    found = ask_workspace(data, database, workspace, itself)
    answer = {**_told(found), "policy": told_policy(found.policy)}
    tell(answer, as_json, lambda console: _show(console, found))


Security = Annotated[
    list[str] | None,
    typer.Option(metavar="PLATFORM=off|required", help="Whether a platform's requests must prove whom they are about."),
]
Creating = Annotated[
    MayCreate | None, typer.Option(help="Who may create attributes by writing new names from the Messenger.")
]
Expiring = Annotated[
    bool | None, typer.Option("--require-exp/--no-require-exp", help="Whether tokens must say when they expire.")
]
Lifetime = Annotated[
    str | None, typer.Option(metavar="DURATION|none", help="The longest a token may live; it needs iat and exp then.")
]
Undated = Annotated[
    UndatedTokens | None, typer.Option(help="What tokens without iat may do: they can be replayed for ever.")
]
Issuer = Annotated[str | None, typer.Option(help="The iss that tokens must have; empty: any.")]
Audience = Annotated[str | None, typer.Option(help="The aud that tokens must name; empty: any.")]
Origins = Annotated[
    list[str] | None,
    typer.Option(
        help="Where your pages are; repeat it. An empty one: anywhere. Browsers keep to it, Mallory need not."
    ),
]
Explaining = Annotated[
    bool | None,
    typer.Option("--explain-verdicts/--no-explain-verdicts", help="Whether browsers are told what became of values."),
]
Ending = Annotated[
    str | None, typer.Option(metavar="now|none", help="End every token with iat that was signed until now.")
]
Retention = Annotated[int | None, typer.Option(help="How many days held values and ignored writes are kept.")]


@app.command("set", epilog=EPILOG)
def set_(
    workspace: WorkspaceOption = None,
    messenger_security: Security = None,
    may_create: Creating = None,
    require_exp: Expiring = None,
    max_token_lifetime: Lifetime = None,
    undated_tokens: Undated = None,
    issuer: Issuer = None,
    audience: Audience = None,
    origin: Origins = None,
    explain_verdicts: Explaining = None,
    retention_days: Retention = None,
    tokens_not_before: Ending = None,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Change settings, all that are named or none; they count at once, on running servers too."""
    wanted = Wanted(
        messenger_security=_security(messenger_security or []),
        may_create=may_create,
        require_exp=require_exp,
        max_token_lifetime=_lifetime(max_token_lifetime),
        undated_tokens=undated_tokens,
        issuer=issuer,
        audience=audience,
        origins=None if origin is None else tuple(one for one in origin if one),
        explain_verdicts=explain_verdicts,
        retention_days=retention_days,
        tokens_not_before=_ending(tokens_not_before),
    )
    if wanted == Wanted():
        raise UsageError("Nothing to set was named. See: avow workspace set --help")

    async def change(engine: Engine, found: Workspace) -> tuple[Workspace, Policy, Policy]:
        before, after = await set_policy(
            engine.store, found.id, wanted.applied_to, entropy=engine.entropy, actor=actor()
        )
        return found, before, after

    found, before, after = ask_workspace(data, database, workspace, change)
    answer = {**_told(found), "policy": told_policy(after)}
    tell(answer, as_json, lambda console: _show_difference(console, found, before, after))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be changed of a policy; None leaves a setting as it is."""

    messenger_security: dict[Platform, MessengerSecurity] | None = None
    may_create: MayCreate | None = None
    require_exp: bool | None = None
    max_token_lifetime: int | None = None
    undated_tokens: UndatedTokens | None = None
    issuer: str | None = None
    audience: str | None = None
    origins: tuple[str, ...] | None = None
    explain_verdicts: bool | None = None
    retention_days: int | None = None
    tokens_not_before: int | None = None

    def applied_to(self, policy: Policy) -> Policy:
        """The policy with these changes."""
        named = {name: value for name in Policy.__struct_fields__ if (value := getattr(self, name)) is not None}
        for name, nothing in (
            ("max_token_lifetime", _NO_LIMIT),
            ("issuer", ""),
            ("audience", ""),
            ("tokens_not_before", _NO_LIMIT),
        ):
            if named.get(name) == nothing:
                named[name] = None
        if self.messenger_security is not None:
            named["messenger_security"] = policy.messenger_security | self.messenger_security
        return msgspec.structs.replace(policy, **named)


def told_policy(policy: Policy) -> dict[str, Any]:
    """Every setting, also those that are as they always were."""
    told: dict[str, Any] = {name: getattr(policy, name) for name in Policy.__struct_fields__}
    security = policy.messenger_security
    told["messenger_security"] = {one: security.get(one, MessengerSecurity.OFF) for one in Platform}
    return told


def _told(workspace: Workspace) -> dict[str, Any]:
    return {
        "id": workspace.id,
        "name": workspace.name,
        "kind": workspace.kind,
        "timezone": workspace.timezone,
        "production_id": workspace.production_id,
        "created_at": workspace.created_at,
    }


def _security(given: list[str]) -> dict[Platform, MessengerSecurity] | None:
    wanted: dict[Platform, MessengerSecurity] = {}
    for one in given:
        platform, _, choice = one.partition("=")
        try:
            wanted[Platform(platform)] = MessengerSecurity(choice)
        except ValueError:
            raise UsageError(
                f"--messenger-security is {one[:60]!r}; expected {'|'.join(Platform)}={'|'.join(MessengerSecurity)}, "
                "such as web=required.",
                field="messenger_security",
            ) from None
    return wanted or None


def _lifetime(given: str | None) -> int | None:
    if given is None:
        return None
    return _NO_LIMIT if given == "none" else duration(given, "--max-token-lifetime")


def _ending(given: str | None) -> int | None:
    if given not in (None, "now", "none"):
        raise UsageError(f"--tokens-not-before is {given[:40]!r}; expected now or none.", field="tokens_not_before")
    return None if given is None else _NO_LIMIT if given == "none" else int(time.time())


def _show(console: Console, workspace: Workspace) -> None:
    console.print(table((workspace.id, workspace.name), ((f"{workspace.kind} workspace", workspace.timezone),)))
    console.print()
    console.print(table(("setting", "is"), _in_words(workspace.policy).items()))


def _show_difference(console: Console, workspace: Workspace, before: Policy, after: Policy) -> None:
    old, new = _in_words(before), _in_words(after)
    changed = [(name, old[name], new[name]) for name in new if old[name] != new[name]]
    if not changed:
        console.print(f"{workspace.id}: everything was so already; nothing was changed.")
        return
    console.print(f"{workspace.id} ({workspace.name}):")
    console.print(table(("setting", "was", "is"), changed))


def _in_words(policy: Policy) -> dict[str, str]:
    told = told_policy(policy)
    words: dict[str, str] = {
        f"messenger security, {one}": str(on) for one, on in told.pop("messenger_security").items()
    }
    for name, value in told.items():
        if isinstance(value, bool):
            word = "yes" if value else "no"
        elif isinstance(value, tuple):
            word = ", ".join(value) or "any"
        else:
            word = "any" if value is None else str(value)
        if name == "tokens_not_before":
            word = moment(value) or "none"
        words[name.replace("_", " ")] = word
    return words
