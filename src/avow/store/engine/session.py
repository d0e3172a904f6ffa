"""What does the store ask of a database? To run statements in a transaction, and to be read from beside it.

- A session is one transaction. It holds its workspaces' locks before it reads the clock and the rules' versions.
- Nothing of it stays unless `commit` returns; leaving its block without a commit undoes everything.

Source: scale.md, "What this means for the committer".
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from avow.flow.contract import WriteConflict
from avow.store.engine.reader import Reader
from avow.store.engine.statement import Lookup, Writing
from avow.trust.contact import WorkspaceId

Row = Sequence[Any]
"""The values of one row, in the statement's order."""


class Session(Protocol):
    """One open transaction."""

    @property
    def now(self) -> float:
        """The time of the whole transaction, Unix seconds."""

    @property
    def versions(self) -> dict[WorkspaceId, int]:
        """The rules' versions of its workspaces; one that does not exist is missing."""

    async def hold(self, names: Sequence[str]) -> None:
        """Wait until no other transaction holds any of these names, then hold them until this one ends.

        What is read from the next statement on was committed before nobody else held them.
        """

    async def read(self, lookup: Lookup, keys: Sequence[Row]) -> Sequence[Row]:
        """The rows of all these keys, in no order."""

    async def write(self, statement: Writing, rows: Sequence[Row]) -> int:
        """Write all these rows; how many were touched. Raises `WriteConflict` where another row is in the way."""

    async def write_much(self, statement: Writing, rows: Sequence[Row]) -> int:
        """The same where very many rows may be touched: the event loop does not wait for it."""

    async def commit(self) -> None:
        """Make everything durable."""


class Engine(Protocol):
    """One database."""

    @property
    def reader(self) -> Reader:
        """What is committed, read beside the writers."""

    @property
    def prompt(self) -> Reader:
        """The same for what every request waits for, and nothing else: a connection that is free at once."""

    @property
    def patient(self) -> Reader:
        """The same for what looks at everything: few connections, which hold up no other reader."""

    def shared(self, workspaces: Sequence[WorkspaceId]) -> AbstractAsyncContextManager[Session]:
        """A transaction during which nobody commits new rules for these workspaces by `exclusive`."""

    def exclusive(self, workspaces: Sequence[WorkspaceId]) -> AbstractAsyncContextManager[Session]:
        """A transaction during which no `shared` one runs in these workspaces, on any process."""

    async def close(self) -> None:
        """Let go of every connection."""


async def write_all(session: Session, statement: Writing, rows: Sequence[Row], found: str) -> None:
    """Write rows of which each must be touched, or raise `WriteConflict`, saying what was `found` instead."""
    if rows and await session.write(statement, rows) != len(rows):
        raise WriteConflict(f"{found}; nothing was written. Load it and weigh it again.")
