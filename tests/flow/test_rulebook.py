"""Rules that have moved are read once, for everybody who misses them."""

from __future__ import annotations

import asyncio

import pytest

from avow.errors import NotFound
from avow.flow.contract import RawRules
from avow.trust.contact import WorkspaceId
from tests.support.office import Office


@pytest.fixture
def read(office: Office, monkeypatch: pytest.MonkeyPatch) -> list[WorkspaceId]:
    """Of which workspaces the store was asked for the rules, in order."""
    asked: list[WorkspaceId] = []
    rules = office.engine.store.rules

    async def counted(workspace_id: WorkspaceId) -> RawRules | None:
        asked.append(workspace_id)
        return await rules(workspace_id)

    monkeypatch.setattr(office.engine.store, "rules", counted)
    return asked


async def test_a_crowd_that_misses_the_rules_at_once_has_them_read_once(
    office: Office, read: list[WorkspaceId]
) -> None:
    rulebook, acme = office.engine.rulebook, office.workspace_id
    rulebook.forget(acme)
    found = await asyncio.gather(*(rulebook.current(acme) for _ in range(64)))
    assert read == [acme]
    assert all(rules is found[0] for rules in found)


async def test_rules_that_were_changed_here_are_read_again(office: Office, read: list[WorkspaceId]) -> None:
    rulebook, acme = office.engine.rulebook, office.workspace_id
    rulebook.forget(acme)
    await rulebook.current(acme)
    rulebook.forget(acme)
    await rulebook.current(acme)
    assert read == [acme, acme]


async def test_whoever_leaves_while_reading_keeps_nobody_waiting(office: Office, read: list[WorkspaceId]) -> None:
    rulebook, acme = office.engine.rulebook, office.workspace_id
    rulebook.forget(acme)
    first, second = (asyncio.create_task(rulebook.current(acme)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    async with asyncio.timeout(5):
        assert (await second).workspace_id == acme
    assert first.cancelled()


async def test_a_workspace_that_is_not_there_is_not_looked_for_among_the_rules(
    office: Office, read: list[WorkspaceId]
) -> None:
    with pytest.raises(NotFound, match="no workspace of this id"):
        await office.engine.rulebook.current(WorkspaceId("nobody00"))
    assert read == []
