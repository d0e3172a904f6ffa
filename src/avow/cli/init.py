"""How is everything made for the first time? Beside the place where it shall stand, and put there in one step.

- A directory or database that is there already is refused and not touched.
- What goes wrong on the way leaves nothing behind: a SQLite database and its master key are made in a temporary
  directory next to DIR, which is renamed at the very end. A PostgreSQL is asked first whether it is empty.
- Secrets are told once, in this command's answer. The password is kept as an Argon2id hash, which is made here.

Source: spec §1, §11; RFC 9106 (Argon2id).
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import typer
from rich.console import Console

from avow.cli.opening import settings_of
from avow.cli.operate.building import beside, put_in_place, sync
from avow.cli.options import Data, Database, Json
from avow.cli.output import table, tell
from avow.errors import Conflict, UsageError
from avow.flow.contract import Workspace
from avow.flow.workspaces import Founding, Owner, initialise, require_empty
from avow.settings import Settings

EPILOG = """
[bold]Examples[/bold]

avow init --data avow-data --company Acme --owner olive@acme.example

avow init --data avow-data --database postgresql://avow:…@db.acme.example/avow

With PostgreSQL, DIR holds the master key alone; where AVOW_MASTER_KEY is set, no DIR is made.
"""


class New(msgspec.Struct, frozen=True):
    """What `avow init` tells, once."""

    founding: Founding
    email: str
    password: str

    def as_json(self) -> dict[str, Any]:
        """The object that scripts rely on."""
        founding = self.founding
        return {
            "workspace": _place(founding.production),
            "test_workspace": _place(founding.test),
            "signing_key": {"kid": founding.kid, "algorithm": founding.algorithm, "secret": founding.secret},
            "access_token": founding.access_token,
            "owner": {"email": self.email, "password": self.password},
        }

    def __repr__(self) -> str:
        """Without what is secret."""
        return f"New({self.founding!r})"


def _place(workspace: Workspace) -> dict[str, str]:
    return {"id": workspace.id, "name": workspace.name, "kind": workspace.kind}


def init(
    data: Data = None,
    database: Database = None,
    company: Annotated[str, typer.Option(help="The company's name.")] = "My company",
    owner: Annotated[str, typer.Option(metavar="EMAIL", help="Who owns it, and signs in first.")] = "owner@localhost",
    timezone: Annotated[str, typer.Option(help="Where the company's days begin, such as Europe/Berlin.")] = "UTC",
    as_json: Json = False,
) -> None:
    """Make everything new: data, workspaces, a signing key, an access token, an owner. Secrets are shown once."""
    settings = settings_of(data=data, database_url=database)
    new = create(settings, company=company, email=owner, timezone=timezone)
    tell(new.as_json(), as_json, lambda console: _show(console, new, settings))


def create(
    settings: Settings,
    *,
    company: str,
    email: str,
    timezone: str,
    owner: str = "",
    now: Callable[[], float] = time.time,
) -> New:
    """Make everything that `settings` name. Without a name for its owner, her address gives one.

    Raises `Conflict` where any of it is there already, and changes nothing.
    """
    from argon2 import PasswordHasher

    _check_timezone(timezone)
    _refuse_existing(settings)
    password = secrets.token_urlsafe(15)
    first = Owner(email, owner or email.partition("@")[0], PasswordHasher().hash(password))
    found = partial(_found, company=company, timezone=timezone, owner=first, now=now)
    make = _in_a_file if settings.is_sqlite else _in_a_server
    return New(make(settings, found), email, password)


def _found(settings: Settings, *, company: str, timezone: str, owner: Owner, now: Callable[[], float]) -> Founding:
    from avow import app

    async def founded() -> Founding:
        async with app.open_engine(settings, now=now) as engine:
            return await initialise(
                engine.store,
                name=company,
                timezone=timezone,
                owner=owner,
                master_key=engine.master_key,
                now=engine.now(),
                entropy=engine.entropy,
            )

    return asyncio.run(founded())


def _in_a_file(settings: Settings, found: Callable[[Settings], Founding]) -> Founding:
    """A SQLite database: made whole in a temporary directory, then put in its place."""
    with put_in_place(settings) as elsewhere:
        if settings.master_key is None:
            _make_key(elsewhere.data)
        return found(elsewhere)


def _in_a_server(settings: Settings, found: Callable[[Settings], Founding]) -> Founding:
    """A PostgreSQL database. The master key is in its place before anything is sealed under it."""
    if settings.master_key is not None:
        return found(settings)
    with beside(settings.data) as building:
        _make_key(building)
        asyncio.run(_require_empty(msgspec.structs.replace(settings, data=building)))
        building.rename(settings.data)
        sync(settings.data.parent)
    try:
        return found(settings)
    except Conflict:
        shutil.rmtree(settings.data)  # somebody was faster: nothing is sealed under this key
        raise


async def _require_empty(settings: Settings) -> None:
    from avow import app

    async with app.open_engine(settings) as engine:
        await require_empty(engine.store)


def _refuse_existing(settings: Settings) -> None:
    needs_directory = settings.is_sqlite or settings.master_key is None
    places = [(settings.data, "--data")] if needs_directory else []
    if settings.sqlite_path is not None:
        places.append((settings.sqlite_path, "--database"))
    for place, option in places:
        if os.path.lexists(place):
            raise Conflict(
                f"{place} is there already; nothing was changed. Name a place where nothing is with {option}, or serve "
                "what is there with: avow serve",
                field=option.strip("-"),
            )


def _make_key(directory: Path) -> None:
    from avow import app

    app.create_data_directory(directory)


def _check_timezone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"--timezone is {name[:60]!r}; expected a name such as UTC or Europe/Berlin.", field="timezone"
        ) from None


def _show(console: Console, new: New, settings: Settings) -> None:
    founding = new.founding
    console.print(f"{founding.production.name} is ready. What follows is shown this once: keep it safe.\n")
    console.print(
        table(
            ("", ""),
            (
                ("workspace", f"{founding.production.id}  (your pages' app_id)"),
                ("test workspace", f"{founding.test.id}  (verdicts are explained to browsers there)"),
                ("signing key", f"{founding.kid}  ({founding.algorithm})"),
                ("its secret", founding.secret),
                ("access token", founding.access_token),
                ("owner", new.email),
                ("password", new.password),
            ),
        )
    )
    if settings.is_sqlite or settings.master_key is None:
        console.print(f"\nBack up {settings.data}/master.key: without it the signing keys cannot be opened.")
    console.print(f"Start: avow serve --data {settings.data}")
    console.print("Then open http://127.0.0.1:8000 in a browser, and sign in.")
