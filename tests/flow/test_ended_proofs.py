"""A hash over an e-mail has no date: once what proved somebody was ended, it leads to her no more (V12)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from avow.errors import Forbidden
from avow.flow.by_hand.acts import SignOut
from avow.flow.updates.submissions import Submission
from avow.flow.updates.update import MessengerUpdate
from avow.flow.work import Idempotency
from avow.trust.contact import ContactId
from avow.trust.keys import HashedField
from avow.trust.policy import Platform
from avow.trust.reasons import Reason
from avow.trust.user_hash import UserHashProof
from tests.support.office import OLIVE, Office

ALICE, BOB = "alice@customer.example", "bob@customer.example"


async def sign_out(office: Office, contact_id: ContactId) -> None:
    await office.engine.committer.submit(SignOut(workspace_id=office.workspace_id, contact_id=contact_id, actor=OLIVE))


async def block_and_unblock(office: Office, contact_id: ContactId) -> None:
    for step in ("block", "unblock"):
        assert (await office.rest("POST", f"/contacts/{contact_id}/{step}")).status == 200


async def rename(office: Office, contact_id: ContactId) -> None:
    answer = await office.rest("PUT", f"/contacts/{contact_id}", {"external_id": "alice-2"})
    assert answer.status == 200, answer.body


async def known(office: Office, *, named: bool) -> ContactId:
    """Alice, whom her hash leads to: the company has vouched for the address, or the hash itself has made her."""
    if named:
        await office.alice(email=ALICE)
    contact_id = (await office.hashed(ALICE, nick="a")).contact_id
    assert contact_id is not None
    again = await office.hashed(ALICE, nick="b")
    assert (again.contact_id, again.proven) == (contact_id, True)
    return contact_id


@pytest.mark.parametrize(
    ("ends", "named"),
    [(sign_out, True), (sign_out, False), (block_and_unblock, True), (block_and_unblock, False), (rename, True)],
)
async def test_a_copied_hash_is_refused_once_her_proofs_were_ended_and_nobody_elses_is(
    office: Office, ends: Callable[[Office, ContactId], Awaitable[None]], named: bool
) -> None:
    alice = await known(office, named=named)
    bob = (await office.hashed(BOB, nick="b")).contact_id
    await ends(office, alice)
    office.clock.pass_(60)
    before = await office.everything()
    with pytest.raises(Forbidden) as refused:
        await office.hashed(ALICE, name="Mallory")
    assert (refused.value.code, refused.value.field) == (Reason.IDENTITY_SUPERSEDED, "user_hash")
    assert await office.everything() == before
    assert (await office.hashed(BOB, nick="c")).contact_id == bob


async def test_a_token_proves_her_again_and_the_hash_stays_refused(office: Office) -> None:
    alice = await known(office, named=True)
    await sign_out(office, alice)
    office.clock.pass_(60)
    assert (await office.signed("alice", email=ALICE, name="Alice")).contact_id == alice
    with pytest.raises(Forbidden):
        await office.hashed(ALICE, name="Mallory")


async def test_no_answer_from_before_is_given_again_to_a_hash_that_has_ended(office: Office) -> None:
    alice = await known(office, named=True)
    rules = await office.engine.rulebook.current(office.workspace_id)
    proof = UserHashProof(HashedField.EMAIL, ALICE, "legacy")
    submission = Submission(
        office.workspace_id, Platform.WEB, rules.version, hash_proof=proof, raw_values={"nick": "n"}
    )
    work = MessengerUpdate(submission, Idempotency("a" * 64, "c" * 64))
    first = await office.engine.committer.submit(work)
    assert await office.engine.committer.submit(work) == first
    await sign_out(office, alice)
    with pytest.raises(Forbidden) as refused:
        await office.engine.committer.submit(work)
    assert refused.value.code == Reason.IDENTITY_SUPERSEDED
