"""What are the readings of this process? Whatever its parts have counted, put together when somebody asks.

- What must be asked of the database (contacts, outbox) is asked beside, now and then, and told as it was found.
- Every word that may come is told from the start with 0: what has never happened can be compared with what has.
"""

from __future__ import annotations

import asyncio
import contextlib
import platform
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Final

import msgspec

from avow.flow.bookkeeping.pulse import Histogram
from avow.flow.engine import Engine
from avow.observe import process
from avow.observe.readings import Number, Readings, Spread
from avow.observe.requests import RequestBook
from avow.observe.watched_store import DatabaseBook
from avow.trust.contact import WorkspaceId
from avow.trust.reasons import Reason

OUTBOX_EVERY: Final = 15.0
CONTACTS_EVERY: Final = 300.0
MOST_CONTACTS: Final = 10_000_000

_OF_TOKENS: Final = tuple(Reason)[: tuple(Reason).index(Reason.USER_HASH_INVALID)]
_OF_DATABASES: Final = ("service_unavailable", "insufficient_storage", "server_error")


class Gauges:
    """What is known of one process. `slow` is in seconds; `database` names the kind of database, `version` ours."""

    def __init__(self, slow: float, database: str, version: str) -> None:
        self.requests = RequestBook(slow, self.report)
        self.calls = DatabaseBook()
        self._what = (version, platform.python_version(), database)
        self._engine: Engine | None = None
        self._contacts: dict[WorkspaceId, int] = {}
        self._outbox: dict[WorkspaceId, float] = {}

    @contextlib.asynccontextmanager
    async def looking_after(self, engine: Engine) -> AsyncIterator[None]:
        """Know this engine, and ask its database now and then, until the block ends."""
        self._engine = engine
        asking = [
            asyncio.create_task(self._every(OUTBOX_EVERY, self._ask_outbox), name="outbox age"),
            asyncio.create_task(self._every(CONTACTS_EVERY, self._ask_contacts), name="contacts"),
        ]
        try:
            yield
        finally:
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)

    def report(self) -> bytes:
        """All readings, to be sent to whoever puts several processes together."""
        return msgspec.msgpack.encode(self.readings())

    def readings(self) -> Readings:
        """All readings as they stand."""
        return Readings(tuple(self._numbers()), tuple(self._spreads()))

    def _numbers(self) -> Iterator[Number]:
        yield Number("avow_workers", (), 1)
        yield Number("avow_build_info", self._what, 1)
        yield from process.readings()
        yield from self.requests.numbers()
        yield Number("avow_http_requests_in_progress", (), self.requests.in_progress)
        yield from _filled("avow_database_errors", _OF_DATABASES, self.calls.errors)
        if (gate := self.requests.gate) is not None:
            yield Number("avow_connections_open", (), gate.present)
            yield Number("avow_connections_turned_away", (), gate.turned_away_ever)
            yield from _filled("avow_connections_refused", ("request_timeout", "bad_request"), gate.refused)
        if self._engine is not None:
            yield from self._of_engine(self._engine)

    def _of_engine(self, engine: Engine) -> Iterator[Number]:
        pulse = engine.committer.pulse
        for (channel, verdict, reason), count in list(pulse.verdicts.items()):
            yield Number("avow_verdicts", (channel.value, verdict.value, reason.value if reason else ""), count)
        yield from _filled("avow_tokens_refused", _OF_TOKENS, pulse.tokens_refused)
        yield from _filled("avow_messenger_refused", (), pulse.requests_refused)
        yield from _filled("avow_commit_failures", (*_OF_DATABASES, "conflict"), pulse.batches_failed)
        yield Number("avow_commit_conflicts", (), pulse.conflicts)
        yield Number("avow_commit_queue_length", (), engine.committer.waiting)
        yield Number("avow_rules_age_seconds", (), engine.rulebook.age)
        now = engine.now()
        for workspace_id, oldest in list(self._outbox.items()):
            yield Number("avow_outbox_age_seconds", (workspace_id,), max(0.0, now - oldest) if oldest else 0.0)
        for workspace_id, count in list(self._contacts.items()):
            yield Number("avow_contacts", (workspace_id,), count)

    def _spreads(self) -> Iterator[Spread]:
        yield from self.requests.spreads()
        yield from self.calls.spreads()
        if self._engine is not None:
            pulse = self._engine.committer.pulse
            yield _spread("avow_commit_batch_size", pulse.batch_sizes)
            yield _spread("avow_commit_seconds", pulse.batch_seconds)

    async def _every(self, seconds: float, ask: Callable[[Engine], Awaitable[None]]) -> None:
        while self._engine is not None:
            with contextlib.suppress(Exception):  # counted where the database was asked; the old reading stays
                await ask(self._engine)
            await asyncio.sleep(seconds)

    async def _ask_outbox(self, engine: Engine) -> None:
        for workspace in await engine.store.workspaces():
            rows = await engine.store.outbox(workspace.id, limit=1)
            self._outbox[workspace.id] = rows[0].at if rows else 0.0

    async def _ask_contacts(self, engine: Engine) -> None:
        for workspace in await engine.store.workspaces():
            _, count = await engine.store.contacts(workspace.id, before=None, limit=1, most=MOST_CONTACTS)
            self._contacts[workspace.id] = count


def _filled(name: str, expected: tuple[str, ...], found: dict[str, int]) -> Iterator[Number]:
    for word, count in ({str(one): 0 for one in expected} | dict(found)).items():
        yield Number(name, (str(word),), count)


def _spread(name: str, histogram: Histogram) -> Spread:
    return Spread(name, (), histogram.bounds, tuple(histogram.cells), histogram.total)
