"""Somebody with very much is erased in small steps, between which others write; interrupted, it is repeated."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from avow.errors import Unavailable
from avow.flow.contract import Store, TooMuchAtOnce, Writes
from avow.store.engine.session import Session
from avow.store.engine.statement import Delete
from avow.store.erasure import MOST_AT_ONCE
from avow.trust.contact import WorkspaceId
from tests.store.acme import ACME, changed, person, stored, write
from tests.store.conftest import Opening
from tests.store.contract.test_erasure import erasing, holds, many_events

pytestmark = pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)
MANY = 3 * MOST_AT_ONCE + 100


class Steps:
    """Counts the events that each transaction of a store removes. `last`: the transaction after that many fails."""

    def __init__(self, store: Any, monkeypatch: pytest.MonkeyPatch, last: int = 100) -> None:
        self.removed: list[int] = []
        self._last = last
        self._shared = store._engine.shared
        monkeypatch.setattr(store._engine, "shared", self._watched)

    @asynccontextmanager
    async def _watched(self, workspaces: Sequence[WorkspaceId]) -> AsyncIterator[Session]:
        if len(self.removed) == self._last:
            raise Unavailable("The database is away.")
        async with self._shared(workspaces) as session:
            real, removed = session.write, 0

            async def counting(statement: Any, rows: Any) -> int:
                nonlocal removed
                touched: int = await real(statement, rows)
                if isinstance(statement, Delete) and statement.table.name == "event":
                    removed += touched
                return touched

            session.write = counting
            yield session
        self.removed.append(removed)


async def left(store: Store, contact_id: Any) -> int:
    return len(await store.events(ACME, contact_id, limit=MANY))


async def test_no_transaction_removes_more_than_a_step(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    (alice,) = await stored(store, person())
    await write(store, Writes(events=many_events(alice, MANY)))
    steps = Steps(store, monkeypatch)
    with pytest.raises(TooMuchAtOnce):
        await write(store, Writes(erasures=(erasing(alice),)))
    await store.thin_out(ACME, [alice.id])
    await write(store, Writes(erasures=(erasing(alice),)))
    assert steps.removed == [MOST_AT_ONCE, MOST_AT_ONCE, MOST_AT_ONCE, 100, 0]
    assert await store.contact(ACME, alice.id) is None


async def test_what_was_interrupted_half_way_is_repeated_and_ends(
    opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, again = opening(), opening()
    (alice,) = await stored(store, person())
    await write(store, Writes(events=many_events(alice, MANY)))
    steps = Steps(store, monkeypatch, last=2)
    with pytest.raises(Unavailable):
        await store.thin_out(ACME, [alice.id])
    assert steps.removed == [MOST_AT_ONCE, MOST_AT_ONCE]
    assert await left(again, alice.id) == MANY - 2 * MOST_AT_ONCE
    save = changed(alice)
    await write(again, Writes(saves=(save,)))  # she lives on meanwhile, and nothing of her is torn
    chain = (await again.changes(ACME, alice.id, before=None, limit=9))[::-1]
    assert holds(chain)
    assert all(change.raw_values for change in chain)
    repeated = Steps(again, monkeypatch)
    await again.thin_out(ACME, [alice.id])
    assert repeated.removed == [MOST_AT_ONCE, 100]
    await write(again, Writes(erasures=(erasing(save.contact),)))
    assert await again.contact(ACME, alice.id) is None


async def test_of_somebody_with_little_everything_goes_at_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    (alice,) = await stored(store, person())
    await write(store, Writes(events=many_events(alice, MOST_AT_ONCE)))
    steps = Steps(store, monkeypatch)
    await write(store, Writes(erasures=(erasing(alice),)))
    assert steps.removed == [MOST_AT_ONCE]
