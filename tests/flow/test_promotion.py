"""Promotion on a real database: as it was shown, all of it or nothing, and written down."""

from __future__ import annotations

import pytest

from avow.errors import BadInput, Conflict, NotFound
from avow.flow import attributes, promotion
from avow.flow.promotion import Versions
from avow.flow.rules.declaring import Definition
from avow.trust.attribute import Attribute, AttributeType, Enforcement
from avow.trust.contact import WorkspaceId
from tests.support.office import OLIVE, Office


async def sandbox(office: Office) -> WorkspaceId:
    (found,) = [one.id for one in await office.engine.store.workspaces() if one.production_id is not None]
    return found


async def tried(office: Office, name: str, enforcement: Enforcement) -> None:
    office.clock.pass_(1)
    await attributes.declare(
        office.engine.store,
        await sandbox(office),
        Definition(name, AttributeType.STRING, enforcement),
        entropy=office.engine.entropy,
        actor=OLIVE,
    )


async def promoted(office: Office, seen: Versions, *confirmed: str) -> promotion.Promoted:
    return await promotion.promote(
        office.engine.store,
        await sandbox(office),
        seen=seen,
        confirmed=confirmed,
        entropy=office.engine.entropy,
        actor=OLIVE,
    )


async def shown(office: Office) -> promotion.Difference:
    return await promotion.difference(office.engine.store, await sandbox(office))


async def known(office: Office) -> dict[str, Attribute]:
    return await attributes.every(office.engine.store, office.workspace_id)


async def test_an_unsigned_write_is_ignored_once_the_lock_was_promoted(office: Office) -> None:
    await office.signed("alice", phone="+1")
    store, entropy = office.engine.store, office.engine.entropy
    await attributes.enforce(store, await sandbox(office), "phone", Enforcement.LOCKED, entropy=entropy, actor=OLIVE)
    await promoted(office, (await shown(office)).versions)
    receipt = await office.browser("alice", phone="+2")
    assert [(one.name, one.reason) for one in receipt.verdicts] == [("phone", "unverified")]
    assert (await office.holding("alice", "phone")).value == "+1"


async def test_nothing_but_definitions_and_enforcement_crosses(office: Office) -> None:
    await tried(office, "plan", Enforcement.LOCKED)
    before = await office.engine.store.rules(office.workspace_id)
    await promoted(office, (await shown(office)).versions)
    after = await office.engine.store.rules(office.workspace_id)
    assert before is not None
    assert after is not None
    assert (after.workspace, after.keys, after.access_tokens) == (before.workspace, before.keys, before.access_tokens)
    assert [one.name for one in after.attributes] == ["plan"]
    test = await office.engine.store.rules(await sandbox(office))
    assert test is not None
    assert after.attributes[0].id != test.attributes[0].id, "a number names one attribute of one workspace"


async def test_a_second_promotion_of_the_same_difference_is_refused(office: Office) -> None:
    await tried(office, "plan", Enforcement.LOCKED)
    seen = (await shown(office)).versions
    await promoted(office, seen)
    before = await office.everything()
    with pytest.raises(Conflict, match="Look at it again"):
        await promoted(office, seen)
    assert await office.everything() == before


async def test_what_was_changed_in_test_after_it_was_shown_is_not_promoted_unseen(office: Office) -> None:
    await tried(office, "plan", Enforcement.LOCKED)
    seen = (await shown(office)).versions
    await attributes.enforce(
        office.engine.store, await sandbox(office), "plan", Enforcement.OPEN, entropy=office.engine.entropy, actor=OLIVE
    )
    with pytest.raises(Conflict):
        await promoted(office, seen, "plan")
    assert "plan" not in await known(office)


async def test_only_what_loosens_can_be_confirmed(office: Office) -> None:
    await tried(office, "plan", Enforcement.LOCKED)
    with pytest.raises(BadInput, match="'plan' is not loosened"):
        await promoted(office, (await shown(office)).versions, "plan")
    assert "plan" not in await known(office)


async def test_every_step_is_written_down_as_if_it_had_been_made_by_hand(office: Office) -> None:
    await office.policy(may_create="anyone")
    await office.visitor("d" * 64, tier="gold")
    await office.declare("plan", messenger_writable=True)
    for name, enforcement in (("plan", Enforcement.LOCKED), ("tier", Enforcement.LOCKED), ("new", Enforcement.OPEN)):
        await tried(office, name, enforcement)
    office.clock.pass_(1)
    done = await promoted(office, (await shown(office)).versions)
    assert done.kept_locked == ("new",)
    log = await office.engine.store.operator_changes(office.workspace_id, limit=4)
    assert {(one.action, one.subject, one.before, one.after) for one in log} == {
        ("attribute.enforcement", "plan", "open", "locked"),
        ("attribute.adopt", "tier", "provisional string open", "string locked"),
        ("attribute.create", "new", "", "string locked"),
        ("workspace.promote", await sandbox(office), "", "plan, tier, new"),
    }


async def test_an_unconfirmed_loosening_alone_writes_nothing_down(office: Office) -> None:
    await office.declare("plan", messenger_writable=False)
    await tried(office, "plan", Enforcement.OPEN)
    before = await office.engine.store.rules(office.workspace_id)
    done = await promoted(office, (await shown(office)).versions)
    assert (done.changed, done.kept_locked) == ((), ("plan",))
    assert await office.engine.store.rules(office.workspace_id) == before


async def test_promotion_goes_from_test_to_production_and_never_back(office: Office) -> None:
    with pytest.raises(BadInput, match="Promotion goes from a test workspace"):
        await promotion.difference(office.engine.store, office.workspace_id)
    with pytest.raises(NotFound):
        await promotion.difference(office.engine.store, WorkspaceId("nothing0"))
