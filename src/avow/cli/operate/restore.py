"""How does a backup come back? Into a place where nothing is, verified before it appears, with the present begun anew.

- Nothing is overwritten: DIR must not be there, a PostgreSQL database must be empty.
- The file is the manifest's, every chain in it verifies and ends as the manifest says, the master key opens the
  signing keys; else nothing appears (SQLite) or the database is said to be of no use (PostgreSQL).
- Tokens with a date from before the restore do not count any more: what they said may have been superseded since. That
  holds before anything else is looked at.

Source: spec §4 V12, §7.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from avow.cli.opening import actor, if_stopped, settings_of
from avow.cli.operate.backup import MASTER_KEY, counted, part_of
from avow.cli.operate.building import beside, put_in_place, sync
from avow.cli.options import Data, Database, Json, contents
from avow.cli.output import moment, table, tell
from avow.cli.progress import bar
from avow.errors import AvowError, BadInput, Conflict, UsageError
from avow.flow.contract.upkeep import Upkeep
from avow.flow.rules.sealing import check_master_key, verifies
from avow.flow.upkeep.backup import MANIFEST, Manifest, begin_anew, differences, parse
from avow.settings import Settings, parse_master_key
from avow.trust.access import AccessToken

EPILOG = """
[bold]Examples[/bold]

avow restore /backups/avow-2026-07-31 --data avow-data --master-key-file /safe/master.key

avow restore FROM --data avow-data --database postgresql://avow:…@db/new    into an empty database

Then do again what was revoked, distrusted, locked and erased since the backup, before you let requests in.
"""


class Restored(msgspec.Struct, frozen=True):
    """What `avow restore` tells."""

    data: str
    database: str
    taken_at: float
    tokens_not_before: int
    opened_keys: int | None
    live_keys: tuple[str, ...]
    live_access_tokens: tuple[str, ...]
    manifest: Manifest


def restore(
    source: Annotated[Path, typer.Argument(metavar="FROM", help="What avow backup made.")],
    master_key_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The master key of these data, where the backup has it not.")
    ] = None,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Bring a backup back into a new place, and verify it."""
    settings = settings_of(data=data, database_url=database)
    manifest = _manifest(source, settings)
    key = _key(source, manifest, master_key_file, settings)
    if part_of(source / manifest.file.name) != manifest.file:
        raise BadInput(
            f"{source / manifest.file.name} is not the file that was backed up; nothing was restored.",
            code="backup_unfit",
        )
    make = _into_a_file if settings.is_sqlite else _into_a_server
    left = "Nothing came back" if settings.is_sqlite else "The database may hold a part: drop it"
    with if_stopped(f"{left}; begin again with a new place."):
        restored = make(settings, source, manifest, key)
    tell(restored, as_json, lambda console: _show(console, restored, settings))


def _manifest(source: Path, settings: Settings) -> Manifest:
    manifest = parse(contents(source / MANIFEST, "FROM"))
    kind = "SQLite" if settings.is_sqlite else "PostgreSQL"
    if manifest.database != kind:
        raise UsageError(f"The backup is of {manifest.database}, and --database names a {kind}.", field="database")
    return manifest


def _key(source: Path, manifest: Manifest, given: Path | None, settings: Settings) -> bytes | None:
    """The master key to use: named, of the environment, or in the backup."""
    if given is None and settings.master_key is not None:
        return settings.master_key.value
    if given is None and not manifest.holds_master_key:
        return None
    file = given or source / MASTER_KEY
    try:
        return parse_master_key(contents(file, "--master-key-file").decode("utf-8", "replace")).value
    except ValueError as error:
        raise UsageError(f"{file} holds no master key: {error}.", field="master_key_file") from None


def _into_a_file(settings: Settings, source: Path, manifest: Manifest, key: bytes | None) -> Restored:
    path = settings.sqlite_path
    assert path is not None
    for place, option in ((settings.data, "--data"), (path, "--database")):
        _refuse_existing(place, option)
    with put_in_place(settings) as elsewhere:
        restored = asyncio.run(_bring_back(elsewhere, source, manifest, key))
        _put_key(elsewhere.data, key, settings)
    return msgspec.structs.replace(restored, data=str(settings.data), database=settings.database_name)


def _into_a_server(settings: Settings, source: Path, manifest: Manifest, key: bytes | None) -> Restored:
    needs_directory = key is not None and settings.master_key is None
    if needs_directory:
        _refuse_existing(settings.data, "--data")
    restored = asyncio.run(_bring_back(settings, source, manifest, key))
    if needs_directory:
        with beside(settings.data) as building:
            _put_key(building, key, settings)
            building.rename(settings.data)
            sync(settings.data.absolute().parent)
    return restored


async def _bring_back(settings: Settings, source: Path, manifest: Manifest, key: bytes | None) -> Restored:
    """Everything but the name under which it appears."""
    from avow import app

    upkeep = app.upkeep(settings)
    if not await upkeep.is_empty():
        raise Conflict("The database is not empty; nothing was changed. Name an empty one.", field="database")
    with bar("Restoring") as show:
        await upkeep.restore(source / manifest.file.name, show)
    try:
        return await _made_good(settings, upkeep, manifest, key)
    except AvowError as error:
        if settings.is_sqlite:
            raise
        found = f"{error.message} The database holds what came back; drop it, it is of no use."
        raise AvowError(found, code="backup_unfit") from error


async def _made_good(settings: Settings, upkeep: Upkeep, manifest: Manifest, key: bytes | None) -> Restored:
    """What came back, of today's version, with the present begun anew, and only then looked at.

    Where it is not what it should be, a server's database stays: no old token may count in that one either.
    """
    from avow import app

    await upkeep.migrate(lambda _: None)
    async with app.open_data(settings) as store:
        now = await _now(upkeep)
        await begin_anew(store, upkeep, now, entropy=os.urandom, actor=actor())
        said = differences(manifest, await counted(store))
        if said:
            raise AvowError(f"What came back is not what was backed up: {'; '.join(said)}.", code="backup_unfit")
        opened = await check_master_key(store, key) if key is not None else None
        live = [rules for one in await store.workspaces() if (rules := await store.rules(one.id)) is not None]
    return Restored(
        str(settings.data),
        settings.database_name,
        manifest.taken_at,
        int(now),
        opened,
        tuple(f"{one.kid} ({rules.workspace.id})" for rules in live for one in rules.keys if verifies(one, now)),
        tuple(f"{one.name} ({rules.workspace.id})" for rules in live for one in _unrevoked(rules.access_tokens)),
        manifest,
    )


async def _now(upkeep: Upkeep) -> float:
    """The later of two clocks: no token from before the restore is to count, whichever clock is ahead."""
    return max((await upkeep.vitals()).now, time.time())


def _unrevoked(tokens: Iterable[AccessToken]) -> Iterator[AccessToken]:
    return (one for one in tokens if one.revoked_at is None)


def _refuse_existing(place: Path, option: str) -> None:
    if os.path.lexists(place):
        raise Conflict(f"{place} is there already; nothing was changed. Name a new place with {option}.", field="data")


def _put_key(directory: Path, key: bytes | None, settings: Settings) -> None:
    if key is None or settings.master_key is not None:
        return
    with os.fdopen(os.open(directory / MASTER_KEY, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())


def _show(console: Console, restored: Restored, settings: Settings) -> None:
    console.print(f"{restored.database} is as it was at {moment(restored.taken_at)} UTC; every chain verifies as then.")
    rows = [(one.id, one.name, one.contacts, one.records) for one in restored.manifest.workspaces]
    console.print(table(("workspace", "name", "contacts", "records"), rows))
    console.print("Tokens with a date from before now are refused; pages get new ones when they are loaded again.")
    if restored.opened_keys is None:
        console.print(f"The master key was not in the backup. Put it into {settings.data / MASTER_KEY} (chmod 600).")
    again = (*restored.live_keys, *restored.live_access_tokens)
    if again:
        console.print("These count again. Revoke those that you have revoked since, before you let requests in:")
    for name in again:
        console.print(f"  {name}")
    console.print("Distrust again what was distrusted since, lock what was locked, and erase who was erased.")
