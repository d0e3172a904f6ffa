"""Who signs in to the screens? Teammates: listed, and given a new password when they have lost theirs."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

import typer
from rich.console import Console

from avow.cli.opening import actor, ask_workspace
from avow.cli.options import Data, Database, Json, WorkspaceOption
from avow.cli.output import moment, table, tell
from avow.errors import NotFound
from avow.flow.contract import Teammate, Workspace
from avow.flow.engine import Engine
from avow.flow.team import teammates
from avow.trust.identity import fold_email

app = typer.Typer(name="teammate", help="The people who sign in to the screens.", no_args_is_help=True)

EPILOG = """
[bold]Examples[/bold]

avow teammate list

avow teammate password olive@acme.example      a new one; shown this once, and every browser of hers is signed out
"""


@app.command("list")
def list_(
    workspace: WorkspaceOption = None, data: Data = None, database: Database = None, as_json: Json = False
) -> None:
    """Every teammate and her role."""

    async def every(engine: Engine, found: Workspace) -> list[Teammate]:
        return await engine.store.teammates(found.id)

    people = ask_workspace(data, database, workspace, every)
    rows = [(one.email, one.name, one.role, moment(one.created_at)) for one in people]
    tell(
        [_told(one) for one in people],
        as_json,
        lambda console: console.print(table(("e-mail", "name", "role", "since"), rows)),
    )


@app.command(epilog=EPILOG)
def password(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Whose.", show_default=False)],
    workspace: WorkspaceOption = None,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Set a new password, shown this once; sign her out everywhere, and turn her second factor off."""
    new = secrets.token_urlsafe(15)

    async def reset(engine: Engine, found: Workspace) -> Teammate:
        for one in await engine.store.teammates(found.id):
            if fold_email(one.email) == fold_email(email):
                await teammates.reset_password(engine, _Argon2(), one, new, actor=actor())
                return one
        known = ", ".join(one.email for one in await engine.store.teammates(found.id)) or "none"
        raise NotFound(f"There is no teammate {email[:100]!r} in this workspace. There are: {known}.", field="email")

    whose = ask_workspace(data, database, workspace, reset)

    def show(console: Console) -> None:
        console.print(f"The password of {whose.email}, shown this once:\n{new}")

    tell({**_told(whose), "password": new}, as_json, show)


class _Argon2:
    """`flow.team.passwords.Hashing`, for one command that waits."""

    async def hashed(self, password: str) -> str:
        from argon2 import PasswordHasher

        return PasswordHasher().hash(password)


def _told(one: Teammate) -> dict[str, Any]:
    return {"email": one.email, "name": one.name, "role": one.role, "created_at": one.created_at}
