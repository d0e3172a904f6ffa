"""How does a command reach the data? It opens what the settings name, and says what to do where there is nothing.

A command works on the database itself, beside a server that runs: what it changes counts there at once, because every
write reads the rules' version in its own transaction.
"""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Final, TypeVar

from avow.errors import AvowError, NotFound, UsageError
from avow.flow.contract import Workspace
from avow.flow.contract.upkeep import Migrations
from avow.flow.engine import Engine
from avow.flow.rules.sealing import check_master_key
from avow.settings import Settings
from avow.trust.policy import WorkspaceKind

T = TypeVar("T")
_SQLITE: Final = b"SQLite format 3\0"


config_file: ContextVar[str | None] = ContextVar("config_file", default=None)
"""The file of settings that was named before the command (`avow --config FILE COMMAND`)."""


def settings_of(config: str | None = None, **overrides: object) -> Settings:
    """The settings of this command: flags first, then the environment, then the file."""
    return Settings.from_environment(os.environ, config or config_file.get(), **overrides)


def ask(data: str | None, database: str | None, question: Callable[[Engine], Awaitable[T]]) -> T:
    """Open the data, ask, close. Raises `UsageError` where there is no data to open."""
    settings = settings_of(data=data, database_url=database)

    async def answer() -> T:
        async with opened(settings) as engine:
            return await question(engine)

    return asyncio.run(answer())


def ask_workspace(
    data: str | None,
    database: str | None,
    workspace_id: str | None,
    question: Callable[[Engine, Workspace], Awaitable[T]],
) -> T:
    """The same, of one workspace."""

    async def about(engine: Engine) -> T:
        return await question(engine, await workspace_of(engine, workspace_id))

    return ask(data, database, about)


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Engine]:
    """The engine over initialised data, not running.

    Raises `UsageError` where the tables are not this program's, or its keys are sealed under another master key.
    """
    from avow import app

    require_file(settings)
    app.master_key(settings)
    await require_tables(settings)
    async with app.open_engine(settings, tables_checked=True) as engine:
        if not await engine.store.workspaces():
            raise UsageError(
                f"The database {settings.database_name} holds no workspace yet. Make one with: avow init",
                field="database",
            )
        await check_master_key(engine.store, engine.master_key)
        yield engine


def require_file(settings: Settings) -> None:
    """Raise `UsageError` where the database is a file that is not there, or is none: opening it would make one."""
    path = settings.sqlite_path
    if path is None:
        return
    if not path.exists():
        raise UsageError(
            f"There is no database {path}. Make a new one (avow init --data {settings.data}), or name the directory "
            "that holds it with --data.",
            field="data",
        )
    if not _holds_tables(path):
        raise UsageError(
            f"{path} is no SQLite database; expected the file that avow init made. Name the directory that holds it "
            "with --data, or, where this one may go, remove it and make everything new: avow init",
            field="database",
        )


def require_writable(settings: Settings) -> None:
    """Raise `UsageError` where the database is a file that this user may not write.

    SQLite reads such a file without a word: a server would begin, say that it is ready, and refuse every update.
    """
    path = settings.sqlite_path
    if path is None:
        return
    for place in (path.absolute().parent, *(path.with_name(path.name + end) for end in ("", "-wal", "-shm"))):
        if place.exists() and not os.access(place, os.W_OK):
            raise UsageError(
                f"{place} may not be written by this user. See who owns it, and whether its disk takes writes at all.",
                field="database",
            )


def _holds_tables(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


async def require_tables(settings: Settings) -> Migrations:
    """Raise `UsageError` where the database is empty, older or newer than this program: only `avow migrate` and
    `avow serve` change tables.
    """
    from avow import app

    found = await app.upkeep(settings).migrations()
    if found.is_ahead:
        raise UsageError(ahead(found), field="database")
    if found.current is None:
        raise UsageError(
            f"The database {settings.database_name} holds no workspace yet. Make one with: avow init", field="database"
        )
    if found.pending:
        raise UsageError(
            f"The database {settings.database_name} has the tables of an older version ({found.current}; this program "
            f"needs {found.head}). Bring them up to date with: avow migrate",
            field="database",
        )
    return found


def ahead(found: Migrations) -> str:
    """What is said of tables that a newer program has made."""
    return (
        f"The database has the tables of a newer version of Avow ({found.current}; this program knows {found.head} at "
        "most). Nothing was changed. Use the newer program, or a backup from before it was upgraded."
    )


async def workspaces_of(engine: Engine) -> list[Workspace]:
    """Every workspace, each production one before its test one."""
    known = await engine.store.workspaces()
    return sorted(known, key=lambda one: (one.production_id or one.id, one.production_id is not None))


async def workspace_of(engine: Engine, workspace_id: str | None) -> Workspace:
    """The workspace of that id, or the production one. Raises `NotFound` or, where several would fit, `UsageError`."""
    known = await workspaces_of(engine)
    if workspace_id is not None:
        for workspace in known:
            if workspace.id == workspace_id:
                return workspace
        listed = ", ".join(f"{one.id} ({one.name})" for one in known)
        raise NotFound(f"There is no workspace {workspace_id[:40]!r}. There are: {listed}.", field="workspace")
    production = [one for one in known if one.kind is WorkspaceKind.PRODUCTION]
    if len(production) != 1:
        raise UsageError("There are several production workspaces; name one with --workspace.", field="workspace")
    return production[0]


@contextlib.contextmanager
def if_stopped(stays: str) -> Iterator[None]:
    """Say what stays of it where Ctrl-C ends it, and what to do then."""
    try:
        yield
    except KeyboardInterrupt:
        raise AvowError(f"Stopped. {stays}", code="aborted") from None


def actor() -> str:
    """How records of what was changed name whoever sits at this command line."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli"
