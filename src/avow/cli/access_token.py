"""Who may ask by REST? Access tokens: made, listed, revoked. Their text is shown once."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console

from avow.cli.opening import actor, ask_workspace
from avow.cli.options import Data, Database, Json, WorkspaceOption
from avow.cli.output import moment, table, tell
from avow.flow import access
from avow.flow.contract import Workspace
from avow.flow.engine import Engine
from avow.trust.access import AccessToken, Mode, Scope

app = typer.Typer(name="access-token", help="Credentials for the REST API.", no_args_is_help=True)

EPILOG = """
[bold]Examples[/bold]

avow access-token create --name backend

avow access-token create --name crm-sync --mode relaying          what it writes is not vouched for

avow access-token create --name report --scope contacts:read --scope attributes:read
"""


@app.command(epilog=EPILOG)
def create(
    name: Annotated[str, typer.Option(help="What it is for.")] = "access token",
    mode: Annotated[
        Mode, typer.Option(help="vouching: your backend knows it. relaying: a sync writes back what it read somewhere.")
    ] = Mode.VOUCHING,
    scope: Annotated[list[Scope] | None, typer.Option(help="What it may do; repeat it. All if left out.")] = None,
    workspace: WorkspaceOption = None,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Make an access token; its text is shown this once."""

    async def make(engine: Engine, found: Workspace) -> access.Made:
        return await access.make(
            engine.store,
            found.id,
            name=name,
            mode=mode,
            scopes=scope or list(Scope),
            entropy=engine.entropy,
            actor=actor(),
        )

    made = ask_workspace(data, database, workspace, make)

    def show(console: Console) -> None:
        console.print(f"Access token {made.token.id} ({mode}), shown this once:\n{made.text}")

    tell({**_told(made.token), "access_token": made.text}, as_json, show)


@app.command("list")
def list_(
    workspace: WorkspaceOption = None, data: Data = None, database: Database = None, as_json: Json = False
) -> None:
    """Every access token, revoked ones too; never its text."""

    async def every(engine: Engine, found: Workspace) -> list[AccessToken]:
        return await access.every(engine.store, found.id)

    tokens = ask_workspace(data, database, workspace, every)
    rows = [
        (
            one.id,
            one.name,
            one.mode,
            " ".join(one.scopes),
            moment(one.created_at),
            f"revoked {moment(one.revoked_at)}" if one.revoked_at else "live",
        )
        for one in tokens
    ]
    columns = ("id", "name", "mode", "scopes", "created (UTC)", "state")
    tell([_told(one) for one in tokens], as_json, lambda console: console.print(table(columns, rows)))


@app.command()
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="The token's id, as in the list.")],
    workspace: WorkspaceOption = None,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """End an access token for good: every process refuses it within a second."""

    async def end(engine: Engine, found: Workspace) -> AccessToken:
        return await access.revoke(engine.store, found.id, token_id, entropy=engine.entropy, actor=actor())

    token = ask_workspace(data, database, workspace, end)
    tell(_told(token), as_json, lambda console: console.print(f"{token.id} ({token.name}) is revoked, for good."))


def _told(token: AccessToken) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "mode": token.mode,
        "scopes": list(token.scopes),
        "created_at": token.created_at,
        "revoked_at": token.revoked_at,
    }
