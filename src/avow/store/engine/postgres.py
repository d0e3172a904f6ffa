"""How does PostgreSQL keep it? In short READ COMMITTED transactions that take their locks first and read afterwards.

- A batch holds its workspaces' advisory locks shared, a change of rules holds one exclusively. The locks are taken in
  one statement and the clock and the rules' versions read in the *next*: a statement sees what was committed when it
  began, so reading in the same one would see the rules from before the wait.
- Plans are made once, for any number of rows, and always go through an index: rows are then locked in the order in
  which they are given, and a plan made for an empty table is still right when the table has grown.
- Whatever goes wrong, a connection is given back clean or not at all.

Source: scale.md "What this means for the committer".
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache, partial
from typing import Any, Final

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from avow.errors import Unavailable
from avow.store.engine.connections import Connections
from avow.store.engine.failures import TELLING
from avow.store.engine.reader import Reader
from avow.store.engine.session import Row, Session
from avow.store.engine.statement import Lookup, Writing, numbered
from avow.trust.contact import WorkspaceId

WRITERS: Final = 8
READERS: Final = 4
PROMPT: Final = 1
PATIENT: Final = 2
PATIENCE: Final = 10.0
"""Seconds that a connection, a transaction or an answer may take."""
LONG_PATIENCE: Final = 60.0
"""Seconds that an answer may take for which everything is looked at."""
_PADDING: Final = "00000000"
_HOT_SETTINGS: Final = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
}
# The clock is told even where no workspace is found.
_CLOCK: Final = """\
SELECT extract(epoch FROM clock_timestamp())::float8, w.id, w.rules_version
FROM (SELECT 1) AS one LEFT JOIN workspace AS w ON w.id = ANY($1::text[])"""

# In their order, so that two who want the same names wait for each other instead of blocking each other.
_HOLD: Final = "SELECT pg_advisory_xact_lock(number) FROM unnest($1::bigint[]) AS number"

one_of = cache(lambda statement: statement.one(numbered))
many_of = cache(lambda statement: statement.many())


class PostgresSession:
    """One transaction on one connection."""

    def __init__(self, connection: Any, clock: Sequence[Row]) -> None:
        self._connection = connection
        self.now: float = clock[0][0]
        self.versions: dict[WorkspaceId, int] = {name: version for _, name, version in clock if name is not None}
        self.committed = False

    async def hold(self, names: Sequence[str]) -> None:
        """See `Session`. Like the workspaces' locks, these are kept by the one node that the servers talk to."""
        with TELLING:
            await self._connection.fetch(_HOLD, sorted({_number(f"avow-address {name}") for name in names}))

    async def read(self, lookup: Lookup, keys: Sequence[Row]) -> Sequence[Any]:
        """See `Session`."""
        if not keys:
            return ()
        with TELLING:
            if len(keys) == 1:
                found: Sequence[Any] = await self._connection.fetch(one_of(lookup), *keys[0])
            else:
                found = await self._connection.fetch(many_of(lookup), *zip(*keys, strict=True))
        return found

    async def write(self, statement: Writing, rows: Sequence[Row]) -> int:
        """See `Session`."""
        if not rows:
            return 0
        with TELLING:
            if len(rows) == 1:
                status = await self._connection.execute(one_of(statement), *rows[0])
            else:
                status = await self._connection.execute(many_of(statement), *zip(*rows, strict=True))
        return int(status.rpartition(" ")[2])

    write_much = write

    async def commit(self) -> None:
        """See `Session`."""
        with TELLING:
            status = await self._connection.execute("COMMIT")
        if status != "COMMIT":
            raise Unavailable(
                "The database undid the transaction instead of committing it; nothing was written. Try again."
            )
        self.committed = True


class Postgres:
    """One database. `url` is postgresql://…, as libpq reads it."""

    def __init__(self, url: str) -> None:
        self._connections = Connections(partial(connect, url, settings=_HOT_SETTINGS), WRITERS)
        # Left to itself, SQLAlchemy would decode json.
        readers = async_engine(url, READERS, wait=PATIENCE, json_deserializer=str)
        self.reader = Reader(readers, numbered, _freeze)
        prompt = async_engine(url, PROMPT, wait=PATIENCE, json_deserializer=str)
        self.prompt = Reader(prompt, numbered, _freeze)
        patient = async_engine(url, PATIENT, wait=LONG_PATIENCE, json_deserializer=str)
        self.patient = Reader(patient, numbered, _freeze)

    def shared(self, workspaces: Sequence[WorkspaceId]) -> AbstractAsyncContextManager[Session]:
        """See `Engine`."""
        return self._session("pg_advisory_xact_lock_shared", workspaces)

    def exclusive(self, workspaces: Sequence[WorkspaceId]) -> AbstractAsyncContextManager[Session]:
        """See `Engine`."""
        return self._session("pg_advisory_xact_lock", workspaces)

    async def close(self) -> None:
        """See `Engine`."""
        await self.reader.close()
        await self.prompt.close()
        await self.patient.close()
        await self._connections.close()

    @asynccontextmanager
    async def _session(self, lock: str, workspaces: Sequence[WorkspaceId]) -> AsyncIterator[Session]:
        locks = "".join(f"; SELECT {lock}({number})" for number in sorted(map(lock_number, workspaces)))
        with TELLING:
            connection = await self._connections.take()
        # A server that has gone silent, or a lock that nobody lets go of, ends the connection and thereby the wait.
        alarm = asyncio.get_running_loop().call_later(PATIENCE, connection.terminate)
        try:
            with TELLING:
                await connection.execute(f"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE{locks}")
                session = PostgresSession(connection, await connection.fetch(_CLOCK, workspaces))
            yield session
            if not session.committed:
                with TELLING:
                    await connection.execute("ROLLBACK")
        except Exception:
            await _undo(connection)
            raise
        except BaseException:
            connection.terminate()  # cancelled in the middle of something: what it was doing is not known
            raise
        finally:
            alarm.cancel()
            self._connections.give_back(connection)


@cache
def lock_number(workspace_id: WorkspaceId) -> int:
    """The advisory lock of a workspace: 64 bits of its id's hash."""
    return _number(f"avow workspace {workspace_id}")


def _number(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)


async def connect(url: str, *, settings: dict[str, str] | None = None, **options: Any) -> Any:
    """A connection on which contact ids go in and out as 24 hex digits."""
    connection = await asyncpg.connect(
        url,
        timeout=PATIENCE,
        max_cached_statement_lifetime=0,
        server_settings={"application_name": "avow", **(settings or {})},
        **options,
    )
    await connection.set_type_codec("uuid", schema="pg_catalog", encoder=_padded, decoder=_unpadded, format="binary")
    return connection


def async_engine(url: str, size: int, *, wait: float | None = None, **options: Any) -> AsyncEngine:
    """An engine of SQLAlchemy's over connections of the same kind. `wait`: seconds that an answer may take."""
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=partial(connect, url, command_timeout=wait),
        hide_parameters=True,
        isolation_level="AUTOCOMMIT",
        pool_size=size,
        max_overflow=0,
        pool_timeout=PATIENCE,
        **options,
    )


async def _undo(connection: Any) -> None:
    """Leave the transaction, or else the connection."""
    try:
        if not connection.is_closed() and connection.is_in_transaction():
            await connection.execute("ROLLBACK")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        connection.terminate()


async def _freeze(connection: AsyncConnection) -> None:
    _ = await connection.execution_options(isolation_level="REPEATABLE READ")


def _padded(contact_id: str) -> bytes:
    return bytes.fromhex(_PADDING + contact_id)


def _unpadded(raw: bytes) -> str:
    return raw[4:].hex()
