"""Rules are looked for once, for everybody who waits for them."""

from __future__ import annotations

import asyncio
import hmac
from typing import Any

import pytest

from avow.errors import NotFound, Unavailable, UsageError
from avow.flow import keys, rulebook
from avow.flow.contract import RawRules
from avow.flow.rules.sealing import NONCE_BYTES, sealed
from avow.flow.workspaces import fresh_key
from avow.trust.contact import WorkspaceId
from avow.trust.keys import KeyState
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
    known, acme = office.engine.rulebook, office.workspace_id
    known.forget(acme)
    found = await asyncio.gather(*(known.current(acme) for _ in range(64)))
    assert read == [acme]
    assert all(rules is found[0] for rules in found)


async def test_rules_that_were_changed_here_are_read_again(office: Office, read: list[WorkspaceId]) -> None:
    known, acme = office.engine.rulebook, office.workspace_id
    known.forget(acme)
    await known.current(acme)
    known.forget(acme)
    await known.current(acme)
    assert read == [acme, acme]


async def test_whoever_leaves_while_reading_keeps_nobody_waiting(office: Office, read: list[WorkspaceId]) -> None:
    known, acme = office.engine.rulebook, office.workspace_id
    known.forget(acme)
    first, second = (asyncio.create_task(known.current(acme)) for _ in range(2))
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


class Looks:
    """A database whose answer about the rules' versions takes long, or fails."""

    def __init__(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.fails = False
        self._versions = office.engine.store.versions
        monkeypatch.setattr(office.engine.store, "versions", self._slowly)
        monkeypatch.setattr(rulebook, "TRUSTED_FOR", 0.02)

    async def _slowly(self) -> dict[WorkspaceId, int]:
        self.count += 1
        await asyncio.sleep(0.1)
        if self.fails:
            raise Unavailable("gone")
        return await self._versions()


@pytest.fixture
async def looks(office: Office, monkeypatch: pytest.MonkeyPatch) -> Looks:
    """It, with rules that were confirmed too long ago."""
    found = Looks(office, monkeypatch)
    await asyncio.sleep(0.05)
    return found


async def test_a_look_that_takes_long_serves_everybody_who_waits_for_it(office: Office, looks: Looks) -> None:
    """Rules are as old as the question: an answer that took longer than they last must not be asked for in turn."""
    await asyncio.gather(*(office.engine.rulebook.current(office.workspace_id) for _ in range(20)))
    assert looks.count <= 2


async def test_a_look_that_fails_refuses_everybody_who_waits_for_it(office: Office, looks: Looks) -> None:
    looks.fails = True
    asking = [office.engine.rulebook.current(office.workspace_id) for _ in range(20)]
    asking += [office.engine.rulebook.refresh() for _ in range(20)]  # type: ignore[misc]
    results = await asyncio.gather(*asking, return_exceptions=True)
    assert {type(result) for result in results} == {Unavailable}
    assert looks.count <= 2
    looks.fails = False
    assert (await office.engine.rulebook.current(office.workspace_id)).workspace_id == office.workspace_id


async def test_whoever_began_a_look_may_leave(office: Office, looks: Looks) -> None:
    first, second = (asyncio.create_task(office.engine.rulebook.refresh()) for _ in range(2))
    await asyncio.sleep(0.05)
    first.cancel()
    await second
    assert looks.count <= 2


async def test_a_look_without_an_end_is_given_up(office: Office, looks: Looks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rulebook, "PATIENCE", 0.01)
    with pytest.raises(Unavailable, match="cannot be confirmed"):
        await office.engine.rulebook.current(office.workspace_id)


async def test_a_key_that_cannot_be_opened_costs_its_own_tokens_and_nobody_elses(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    engine, acme = office.engine, office.workspace_id
    foreign, secret = fresh_key("evil", "evil", engine.now(), engine.entropy)
    async with engine.store.rules_transaction(acme) as transaction:
        await transaction.put_key(sealed(foreign, acme, bytes(range(100, 132)), engine.entropy(NONCE_BYTES)))
    await engine.rulebook.confirm()
    keyring = (await engine.rulebook.current(acme)).keyring
    evil, own = keyring.find("evil"), keyring.find(office.kid)
    assert evil is not None
    assert own is not None
    assert (evil.key.state, evil.check(b"said", hmac.digest(b"", b"said", "sha256"))) == (KeyState.REVOKED, False)
    assert own.key.state is KeyState.LIVE
    assert not keyring.holds_secret("")
    assert "'evil'" in caplog.text
    assert secret not in caplog.text
    await keys.revoke(engine.store, acme, "evil", entropy=engine.entropy, actor="olive")
    assert [key.state for key in await keys.every(engine.store, acme) if key.kid == "evil"] == [KeyState.REVOKED]


async def test_a_key_is_never_sealed_under_another_master_key_than_those_that_are_there(office: Office) -> None:
    engine, acme = office.engine, office.workspace_id
    new, _ = fresh_key("evil", "evil", engine.now(), engine.entropy)
    how: dict[str, Any] = {"entropy": engine.entropy, "actor": "olive"}
    with pytest.raises(UsageError, match="cannot be opened with this master key"):
        await keys.add(engine.store, acme, new, master_key=bytes(range(100, 132)), **how)
    assert [key.kid for key in await keys.every(engine.store, acme)] == [office.kid]
