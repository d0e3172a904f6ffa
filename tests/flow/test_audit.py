"""An audit finds nothing wrong with anything that the server itself has written, and finds what is gone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest

from avow.errors import NotFound
from avow.flow import audit as auditing
from avow.flow.audit import audit
from avow.flow.contract import Store
from avow.trust.attribute import Enforcement
from avow.trust.audit.chain import Fault
from avow.trust.change import Change
from avow.trust.contact import Contact, ContactId, WorkspaceId
from tests.support.office import Office

SESSION = "5e" * 32


class Seen:
    """A store, as somebody might have left it: `chains` go through `falsify` on their way."""

    def __init__(self, store: Store, falsify: Callable[[list[Any]], list[Any]]) -> None:
        self._store = store
        self._falsify = falsify

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def chains(self, workspace_id: WorkspaceId) -> AsyncIterator[tuple[ContactId, Contact | None, list[Change]]]:
        for chain in self._falsify([one async for one in self._store.chains(workspace_id)]):
            yield chain


async def test_whatever_happened_verifies(office: Office) -> None:
    await office.policy(may_create="anyone")
    await office.visitor(SESSION, theme="dark", plan="top")
    await office.signed("alice", session=SESSION, plan="free", seats=3)
    office.clock.pass_(10)
    await office.signed("alice", plan="pro")
    await office.browser("alice", plan="max", nickname="Al")
    await office.enforce("plan", Enforcement.OPEN)
    await office.browser("alice", plan="max")
    await office.browser("alice", plan="pro")
    await office.forged("alice", nickname="Mallory")
    contact_id = (await office.known("alice")).id
    await office.rest("PUT", f"/contacts/{contact_id}", {"name": "Alice", "phone": None})
    await office.rest("PUT", f"/contacts/{contact_id}", {"name": None, "external_id": "alice-2"})
    found = await audit(office.engine.store, office.workspace_id)
    assert found.findings == ()
    assert (found.holds, found.contacts, found.erased) == (True, 2, 0)
    assert found.records > 6


async def test_whoever_was_erased_leaves_chains_that_verify(office: Office) -> None:
    await office.policy(may_create="anyone")
    await office.visitor(SESSION, theme="dark")
    await office.signed("alice", session=SESSION, plan="free")
    contact_id = (await office.known("alice")).id
    assert (await office.rest("DELETE", f"/contacts/{contact_id}")).status == 200
    found = await audit(office.engine.store, office.workspace_id)
    assert (found.findings, found.contacts, found.erased) == ((), 0, 2)


async def test_a_contact_that_vanished_is_found(office: Office) -> None:
    await office.signed("alice", plan="free")
    gone = Seen(office.engine.store, lambda chains: [(one, None, told) for one, _, told in chains])
    found = await audit(gone, office.workspace_id)
    assert {finding.fault for finding in found.findings} == {Fault.NO_TOMBSTONE, Fault.VALUES_LEFT}


async def test_whose_id_was_exchanged_in_the_database_is_found_whichever_way_she_came(office: Office) -> None:
    await office.alice()
    await office.signed("bob", plan="free")
    await office.visitor(SESSION, plan="free")
    await office.signed("carol", session=SESSION)
    await office.rest("POST", "/contacts", {"role": "lead", "name": "Dan"})

    def exchanged(found: list[Any]) -> list[Any]:
        users = [(one, msgspec.structs.replace(she, external_id="mallory"), told) for one, she, told in found if she]
        return [one for one in users if one[1].merged_into is None]

    assert (await audit(office.engine.store, office.workspace_id)).findings == ()
    found = await audit(Seen(office.engine.store, exchanged), office.workspace_id)
    assert sorted(finding.message for finding in found.findings) == [
        "it has an external_id, and a lead has none",
        *["its external_id is not the one that this record, the newest about it, tells"] * 3,
    ]


async def test_whoever_was_merged_into_somebody_still_here_cannot_just_be_gone(office: Office) -> None:
    await office.policy(may_create="anyone")
    await office.visitor(SESSION, theme="dark")
    await office.signed("alice", session=SESSION, plan="free")
    merged = [one for one in await chains(office) if one[1] is not None and one[1].merged_into is not None]
    [(guest, _, _)] = merged

    def without_guest(found: list[Any]) -> list[Any]:
        return [(one, None if one == guest else contact, told) for one, contact, told in found]

    found = await audit(Seen(office.engine.store, without_guest), office.workspace_id)
    assert [(one.contact_id, one.fault) for one in found.findings if one.fault is Fault.NO_TOMBSTONE] == [
        (guest, Fault.NO_TOMBSTONE)
    ]


async def test_findings_are_kept_up_to_a_bound_and_counted_beyond_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "MOST_FINDINGS", 2)
    for name in ("alice", "bob", "carol"):
        await office.signed(name, plan="free")
    bare = Seen(office.engine.store, lambda found: [(one, contact, []) for one, contact, _ in found])
    found = await audit(bare, office.workspace_id)
    assert len(found.findings) == 2
    assert found.faults > 3


async def test_there_is_nothing_to_audit_where_there_is_no_workspace(office: Office) -> None:
    with pytest.raises(NotFound):
        await audit(office.engine.store, WorkspaceId("nowhere1"))


async def chains(office: Office) -> list[tuple[ContactId, Contact | None, list[Change]]]:
    return [one async for one in office.engine.store.chains(office.workspace_id)]
