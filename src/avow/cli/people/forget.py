"""How is somebody forgotten? What there is of her is shown, it is asked once, and then it is gone for good.

What stays is told too: that something happened, without a value, so that the audit chain still verifies.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console

from avow.cli.opening import actor, ask_workspace
from avow.cli.options import Data, Database, Json, WorkspaceOption
from avow.cli.output import console, table, tell
from avow.errors import UsageError
from avow.flow.contacts.forgetting import ForgetContact, Traces, find_named, traces
from avow.flow.contacts.writing import Erased
from avow.flow.contract import Workspace
from avow.flow.engine import Engine
from avow.trust.contact import Contact

EPILOG = """
[bold]Examples[/bold]

avow forget alice@customer.example             shows what there is of her, and asks

avow forget user-17 --yes --json               for a script that has asked already

avow export --contact user-17 > user-17.json   before: everything that is known of her

Backups made earlier still hold her; how long you keep those is up to you.
"""


def forget(
    who: Annotated[str, typer.Argument(metavar="WHO", help="An id, an external_id or an e-mail address.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    workspace: WorkspaceOption = None,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Erase everything that is known of one person, for good."""
    if as_json and not yes:
        raise UsageError("With --json nobody can be asked. Say --yes, too.", field="yes")

    async def look(engine: Engine, found: Workspace) -> tuple[Contact, Traces]:
        contact = await find_named(engine.store, found.id, who)
        return contact, await traces(engine.store, contact)

    contact, there = ask_workspace(data, database, workspace, look)
    if not yes:
        _show(console(), contact, there)
        typer.confirm("Erase all of this, for good?", abort=True)

    async def erase(engine: Engine, _: Workspace) -> Erased:
        async with engine.running():
            erased: Erased = await engine.committer.submit(ForgetContact(contact.workspace_id, contact.id, actor()))
            return erased

    erased = ask_workspace(data, database, contact.workspace_id, erase)
    answer: dict[str, Any] = {
        "type": "contact",
        "id": erased.contact_id,
        "external_id": erased.external_id,
        "deleted": True,
        "traces": msgspec.to_builtins(there),
    }
    tell(answer, as_json, lambda told: told.print(f"{erased.contact_id} is forgotten."))


def _show(told: Console, contact: Contact, there: Traces) -> None:
    known = [(name, contact.holding(name).value) for name in ("name", "email")]
    told.print(table((contact.id, contact.role), [("external_id", contact.external_id), *known]))
    told.print()
    rows = [(f"{count:,}", name) for name, count in msgspec.to_builtins(there).items() if count]
    told.print(table(("will go", ""), rows))
    told.print()
    told.print("What stays: that there were changes, when and by whom, without a value; and that tokens have ended.")
