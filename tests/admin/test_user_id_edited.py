"""A user id is edited by hand: one that a colleague has given meanwhile is neither written over nor turned back."""

from __future__ import annotations

import pytest
from msgspec import UNSET, UnsetType

from avow.errors import Conflict
from avow.flow.by_hand.acts import Edit
from avow.flow.contacts import Fields
from tests.admin.test_person_edited import OLIVE, alice, field, form_of
from tests.support.front_desk import FrontDesk


async def renamed(desk: FrontDesk, address: str, user_id: str) -> None:
    """A colleague gives her another user id."""
    desk.office.clock.pass_(1)
    answer = await desk.office.rest("PUT", address.replace("/people", "/contacts"), {"external_id": user_id})
    assert answer.status == 200


async def test_a_form_that_comes_back_never_turns_a_user_id_back(desk: FrontDesk) -> None:
    address = await alice(desk)
    form = form_of(await desk.get(f"{address}/edit"))
    await renamed(desk, address, "alice-2")
    shown = await desk.post(f"{address}/edit", **form | {await field(desk, "seats"): "many"})
    assert shown.status == 400
    again = form_of(shown)
    assert (again["user_id"], again["seen_user_id"]) == ("alice-2", '"alice-2"')
    await desk.follow(await desk.post(f"{address}/edit", **again | {await field(desk, "seats"): "30"}))
    assert (await desk.office.holding("alice-2", "seats")).value == 30


async def test_a_user_id_that_somebody_else_gave_meanwhile_is_not_written_over(desk: FrontDesk) -> None:
    address = await alice(desk)
    form = form_of(await desk.get(f"{address}/edit")) | {"user_id": "alice-3"}
    await renamed(desk, address, "alice-2")
    before = await desk.office.everything()
    shown = await desk.post(f"{address}/edit", **form)
    assert shown.status == 409
    assert "The user id was changed while you were editing." in shown.words
    told = "What stands there now: alice-2 . Saving again writes yours over it, and ends every token for it."
    assert told in shown.words
    assert await desk.office.everything() == before

    again = form_of(shown)
    assert (again["user_id"], again["seen_user_id"]) == ("alice-3", '"alice-2"')
    await desk.follow(await desk.post(f"{address}/edit", **again))
    assert (await desk.office.known("alice-3")).id == address.rpartition("/")[2]


@pytest.mark.parametrize(("seen", "written"), [("alice", False), (None, False), ("alice-2", True), (UNSET, True)])
async def test_an_edit_that_says_which_user_id_it_saw_is_refused_where_there_is_another(
    desk: FrontDesk, seen: str | UnsetType | None, *, written: bool
) -> None:
    address = await alice(desk)
    await renamed(desk, address, "alice-2")
    contact = await desk.office.known("alice-2")
    work = Edit(
        workspace_id=desk.office.workspace_id,
        contact_id=contact.id,
        actor=OLIVE,
        fields=Fields(external_id="alice-3"),
        seen_external_id=seen,
    )
    if written:
        await desk.office.engine.committer.submit(work)
    else:
        with pytest.raises(Conflict, match="The user id was changed while you were editing"):
            await desk.office.engine.committer.submit(work)
    assert (await desk.office.known("alice-3" if written else "alice-2")).id == contact.id


async def test_a_user_id_of_two_lines_is_no_edit_though_its_field_has_one(desk: FrontDesk) -> None:
    address = await alice(desk)
    await renamed(desk, address, "alice\nof acme")
    form = form_of(await desk.get(f"{address}/edit")) | {"user_id": "aliceof acme", await field(desk, "seats"): "30"}
    await desk.follow(await desk.post(f"{address}/edit", **form))
    assert (await desk.office.holding("alice\nof acme", "seats")).value == 30


async def test_a_form_that_was_tampered_with_changes_nothing(desk: FrontDesk) -> None:
    address = await alice(desk)
    form = form_of(await desk.get(f"{address}/edit")) | {"user_id": "alice-2", "seen_user_id": "{"}
    before = await desk.office.everything()
    shown = await desk.post(f"{address}/edit", **form)
    assert shown.status == 400
    assert "The form is damaged." in shown.words
    assert await desk.office.everything() == before
