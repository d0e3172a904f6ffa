"""What was ignored, and what is held, lasts as long as the owner says; the chain verifies before and after."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from avow.errors import StorageFull
from avow.flow.audit import audit
from avow.flow.bookkeeping.retention import fade
from avow.trust.change import ChangeKind, values_of
from avow.trust.policy import Policy
from tests.support.place import Place, open_place

_DAY = 86_400


async def _left(place: Place) -> tuple[list[bool], bool]:
    """Whether the values of what was ignored are there, and whether something is held."""
    contact = await place.known("alice")
    changes = await place.engine.store.changes(place.workspace_id, contact.id, before=None, limit=100)
    ignored = [values_of(change) is not None for change in changes if change.facts.kind is ChangeKind.IGNORED]
    return ignored, contact.holding("plan").held is not None


async def test_ignored_and_held_values_are_gone_after_the_owners_time(tmp_path: Path) -> None:
    async with open_place(tmp_path) as place, place.engine.running() as engine:
        await place.signed("alice", plan="free")
        await place.ping({"user_id": "alice", "plan": "enterprise"})

        async def fade_in(days: float) -> int:
            later = engine.now() + days * _DAY
            return await fade(engine.store, engine.committer, place.workspace_id, Policy(retention_days=30), later)

        assert await fade_in(29) == 0
        assert await _left(place) == ([True], True)
        assert await fade_in(31) == 1
        assert await _left(place) == ([False], False)
        assert (await audit(engine.store, place.workspace_id)).holds
        assert await place.value("alice", "plan") == "free"
        assert await fade_in(31) == 0


async def test_a_sweep_that_fails_is_logged_and_holds_up_no_held_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_place(tmp_path) as place, place.engine.running() as engine:
        await place.signed("alice", plan="free")
        await place.ping({"user_id": "alice", "plan": "enterprise"})

        async def full(now: float) -> None:
            raise StorageFull("no room for what is kept about alice")

        monkeypatch.setattr(engine.store, "sweep", full)
        later = engine.now() + 31 * _DAY
        await replace(engine, now=lambda: later).sweep()
        assert await _left(place) == ([False], False)
        [told] = [record for record in caplog.records if record.name == "avow.flow"]
        assert (told.levelname, told.getMessage()) == ("WARNING", "Sweeping old rows failed; it is tried again.")
