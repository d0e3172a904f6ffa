"""How is a place copied while it runs? Into a directory that appears, whole and verified, in one step.

- It holds the database (`avow.db`, or `avow.dump` of PostgreSQL) and `manifest.json`; all of it for this user only.
- The master key is left out unless it is asked for: who has both can sign in the company's name.
- What goes wrong on the way leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from avow import __version__
from avow.cli.opening import if_stopped, require_file, require_tables, settings_of
from avow.cli.operate.building import beside, sync
from avow.cli.options import Data, Database, Json, require_text
from avow.cli.output import REFUSED, moment, table, tell
from avow.cli.progress import bar
from avow.errors import Conflict
from avow.flow.contract import Store
from avow.flow.rules.sealing import check_master_key
from avow.flow.upkeep.backup import FORMAT, MANIFEST, Counted, Manifest, Part, count
from avow.settings import Settings

EPILOG = """
[bold]Examples[/bold]

avow backup /backups/avow-2026-07-31       while the server goes on

avow backup TO --with-master-key           with it, whoever has the copy can sign in your name

Every chain in the copy is verified before it appears. Exit code 1 if one does not verify; the copy is kept then.
"""
MASTER_KEY = "master.key"
_CHUNK = 1 << 20


def backup(
    to: Annotated[Path, typer.Argument(metavar="TO", help="A directory that is not there yet.")],
    with_master_key: Annotated[
        bool, typer.Option("--with-master-key", help="Put the master key into it too; better keep it elsewhere.")
    ] = False,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Copy everything while the server runs, and verify the copy."""
    settings = settings_of(data=data, database_url=database)
    require_file(settings)
    require_text(str(to), "TO", "to")  # a database is made there
    if os.path.lexists(to):
        raise Conflict(f"{to} is there already; nothing was changed. Name a place where nothing is.", field="to")
    with if_stopped("There is no backup, and nothing of it is left."), beside(to) as building:
        manifest = asyncio.run(_copy(settings, building, with_master_key=with_master_key))
        if with_master_key:
            _write(building / MASTER_KEY, _master_key(settings).hex().encode() + b"\n")
        _write(building / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
        sync(building)
        building.rename(to)
        sync(to.absolute().parent)
    answer = {"backup": str(to), **msgspec.to_builtins(manifest)}
    tell(answer, as_json, lambda console: _show(console, to, manifest, settings))
    if any(one.faults for one in manifest.workspaces):
        raise typer.Exit(REFUSED)


async def _copy(settings: Settings, folder: Path, *, with_master_key: bool) -> Manifest:
    from avow import app

    key = _master_key(settings) if with_master_key else None  # before anything is copied
    upkeep = app.upkeep(settings)
    revision = (await require_tables(settings)).head
    vitals = await upkeep.vitals()
    async with contextlib.AsyncExitStack() as stack:
        with bar("Copying") as show:
            copied = await stack.enter_async_context(upkeep.copied(folder, show))
        if key is not None:
            await check_master_key(copied.store, key)
        workspaces = await counted(copied.store)
    return Manifest(
        format=FORMAT,
        avow=__version__,
        database=vitals.kind,
        database_version=vitals.version,
        revision=revision,
        taken_at=vitals.now,
        holds_master_key=with_master_key,
        file=part_of(copied.file),
        workspaces=workspaces,
    )


async def counted(store: Store) -> tuple[Counted, ...]:
    """Every workspace of a store, with a bar for the chains."""
    with bar("Verifying chains") as show:
        return await count(store, lambda chains: show(chains, None))


def part_of(file: Path) -> Part:
    """A file as a manifest tells of it."""
    digest, size = hashlib.sha256(), file.stat().st_size
    with file.open("rb") as reading, bar("Reading") as show:
        while chunk := reading.read(_CHUNK):
            digest.update(chunk)
            show(reading.tell(), size)
    return Part(file.name, size, digest.hexdigest())


def _master_key(settings: Settings) -> bytes:
    from avow import app

    return app.master_key(settings)


def _write(file: Path, contents: bytes) -> None:
    with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as writing:
        writing.write(contents)
        writing.flush()
        os.fsync(writing.fileno())


def _show(console: Console, to: Path, manifest: Manifest, settings: Settings) -> None:
    console.print(f"{to} holds everything up to {moment(manifest.taken_at)} UTC ({manifest.file.bytes:,} bytes).")
    rows = [(one.id, one.name, one.contacts, one.records, one.faults or "none") for one in manifest.workspaces]
    console.print(table(("workspace", "name", "contacts", "records", "findings"), rows))
    if manifest.holds_master_key:
        console.print("It holds the master key: whoever has this copy can sign in your name.")
    elif settings.master_key is None:
        console.print(f"The master key is not in it. Keep a copy of {settings.data / MASTER_KEY} elsewhere.")
    else:
        console.print("The master key is not in it. Keep what AVOW_MASTER_KEY is elsewhere.")
