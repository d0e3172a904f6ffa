"""Settings > Data > People: what it says of each attribute, and what its switches do."""

from __future__ import annotations

import html
import re

import pytest

from avow.admin.frame.browser import SESSION
from avow.flow import attributes
from avow.flow.team.roles import TeamRole
from avow.trust.attribute import Attribute, AttributeType, Enforcement
from tests.support.front_desk import FrontDesk, Shown

HERE = "/settings/data/people"


async def stored(desk: FrontDesk, name: str) -> Attribute:
    return (await attributes.every(desk.office.engine.store, desk.office.workspace_id))[name]


def undo_of(shown: Shown) -> dict[str, str]:
    """The fields that the toast's button sends."""
    found = re.search(r'<div class="toast">.*?</div>', shown.text, re.DOTALL)
    assert found, "no toast"
    return {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', found[0])}


async def test_every_attribute_is_there_with_its_type(desk: FrontDesk) -> None:
    await desk.office.declare("plan")
    shown = await desk.get(HERE)
    for name in ("plan", "name", "email", "signed_up_at", "utm_source"):
        assert name in shown.words
    assert "Text" in shown.row(f"attribute-{(await stored(desk, 'plan')).id}")


async def test_readiness_is_told_in_words(desk: FrontDesk) -> None:
    await desk.office.signed("alice", name="Alice", email="alice@customer.example")
    await desk.office.browser("alice", name="Mallory")
    await desk.settle()
    shown = await desk.get(HERE)
    assert "Unsigned writes contradict verified values" in shown.row("attribute-1")
    assert "Ready" in shown.row("attribute-2")
    assert "100 %" in shown.row("attribute-2")
    assert "Never seen signed" in shown.row("attribute-3")


async def test_what_arrives_signed_and_accepts_unsigned_writes_is_recommended(desk: FrontDesk) -> None:
    await desk.office.signed("alice", name="Alice", email="alice@customer.example")
    await desk.settle()
    assert "Recommended: lock 2 attributes" in (await desk.get(HERE)).words
    await desk.office.enforce("email", Enforcement.LOCKED)
    assert "Recommended: lock 1 attribute " in (await desk.get(HERE)).words


async def test_the_dialog_says_what_a_lock_means(desk: FrontDesk) -> None:
    await desk.office.signed("alice", name="Alice")
    await desk.office.browser("alice", name="Alice F.")
    await desk.settle()
    shown = await desk.get(f"{HERE}/lock?name%5B%5D=name")
    assert "Lock name?" in shown.words
    assert "It holds for the whole workspace" in shown.words
    assert "1 person wrote it unsigned in the last 7 days" in shown.words
    assert "app.acme.example/v1" in shown.words
    assert "Whoever has kept one can send it again" in shown.words
    assert not (await stored(desk, "name")).locked


async def test_a_lock_is_turned_and_undone(desk: FrontDesk) -> None:
    await desk.office.enforce("phone", Enforcement.MONITOR)
    shown = await desk.follow(await desk.post(f"{HERE}/lock", name=["phone", "email"]))
    assert "2 attributes are locked. Unsigned writes are ignored from now on." in shown.words
    assert [(await stored(desk, name)).enforcement for name in ("phone", "email")] == [Enforcement.LOCKED] * 2
    shown = await desk.follow(await desk.post(f"{HERE}/undo", **undo_of(shown)))
    assert "It is as it was before." in shown.words
    assert (await stored(desk, "phone")).enforcement is Enforcement.MONITOR
    assert (await stored(desk, "email")).enforcement is Enforcement.OPEN


async def test_a_part_that_is_renewed_meanwhile_takes_no_toast_away(desk: FrontDesk) -> None:
    turned = await desk.post(f"{HERE}/lock", name=["phone"])
    renewed = await desk.get(HERE, hx_request="true", hx_target="attributes")
    assert 'class="toast"' not in renewed.text
    assert "phone is locked" in (await desk.follow(turned)).words


async def test_a_toast_is_shown_once_even_where_a_proxy_does_not_say_that_it_speaks_tls(desk: FrontDesk) -> None:
    own = {"sec-fetch-site": "same-origin", "origin": "https://avow.test", "host": "avow.test"}
    desk.cookies[f"__Host-{SESSION}"] = desk.cookies.pop(SESSION)
    turned = await desk.post(f"{HERE}/lock", name=["phone"], headers=own)
    assert "__Host-avow_toast" in desk.cookies
    assert "phone is locked" in (await desk.follow(turned)).words
    assert "__Host-avow_toast" not in desk.cookies
    assert 'class="toast"' not in (await desk.get(turned.location)).text


async def test_undoing_leaves_alone_what_somebody_changed_since(desk: FrontDesk) -> None:
    shown = await desk.follow(await desk.post(f"{HERE}/lock", name=["phone", "email"]))
    fields = undo_of(shown)
    await desk.office.enforce("phone", Enforcement.MONITOR)
    shown = await desk.follow(await desk.post(f"{HERE}/undo", **fields))
    assert "phone was changed since, and is left as it is." in shown.words
    assert (await stored(desk, "phone")).enforcement is Enforcement.MONITOR
    assert (await stored(desk, "email")).enforcement is Enforcement.OPEN


async def test_all_of_a_choice_is_locked_or_nothing(desk: FrontDesk) -> None:
    shown = await desk.post(f"{HERE}/lock", name=["email", "no_such_attribute"])
    assert shown.status == 404
    assert "find that data attribute" in shown.words
    assert not (await stored(desk, "email")).locked


@pytest.mark.parametrize(
    ("path", "fields", "told"),
    [
        ("lock", {}, "Nothing is chosen"),
        ("turn", {"name": "email", "enforcement": "locked"}, "A lock is turned in its dialog"),
        ("turn", {"name": "email", "enforcement": "shut"}, "expected open or monitor"),
        ("turn", {"enforcement": "open"}, "has no field name"),
        ("undo", {"undo": "nothing"}, "There is nothing to undo in this"),
        ("undo", {"undo": "o1-" + "00000001" * 401}, "There is nothing to undo in this"),
    ],
)
async def test_a_form_that_cannot_be_is_shown_again_and_changes_nothing(
    desk: FrontDesk, path: str, fields: dict[str, str], told: str
) -> None:
    before = await desk.office.everything()
    shown = await desk.post(f"{HERE}/{path}", **fields)
    assert shown.status == 400
    assert told in shown.words
    assert "Data > People" in shown.title
    assert await desk.office.everything() == before


async def test_who_may_only_look_is_offered_no_switch(desk: FrontDesk) -> None:
    await desk.office.signed("alice", name="Alice")
    await desk.settle()
    guest = await desk.as_role(TeamRole.TEAMMATE)
    shown = await guest.get(HERE)
    assert 'role="switch"' not in shown.text
    assert "Review and lock all" not in shown.words
    assert "Recommended: lock 1 attribute" in shown.words


async def test_shelves_show_their_own(desk: FrontDesk) -> None:
    await desk.office.policy(may_create="anyone")
    await desk.office.visitor("d" * 64, theme="dark")
    plan = await desk.office.declare("plan", messenger_writable=False)
    old = await desk.office.declare("old")
    answer = await desk.office.rest("PUT", f"/data_attributes/{old}", {"archived": True})
    assert answer.status == 200
    names = {
        shelf: set(re.findall(r'id="attribute-(\d+)"', (await desk.get(f"{HERE}?show={shelf}")).text))
        for shelf in ("locked", "provisional", "archived", "all")
    }
    theme = str((await stored(desk, "theme")).id)
    assert names["locked"] == {str(plan)}
    assert names["provisional"] == {theme}
    assert names["archived"] == {str(old)}
    assert str(old) not in names["all"]
    assert {theme, str(plan), "1"} <= names["all"]


async def test_a_hostile_description_is_shown_as_text(desk: FrontDesk) -> None:
    await desk.office.declare("plan", AttributeType.STRING, description="</td><script>alert(1)</script>")
    shown = await desk.get(HERE)
    assert "<script>alert" not in shown.text
    assert "<script>alert(1)</script>" in shown.words


async def test_what_was_turned_is_written_down_with_a_name(desk: FrontDesk) -> None:
    desk.office.clock.pass_(1)
    await desk.post(f"{HERE}/turn", name="email", enforcement="monitor")
    (change, *_) = await desk.office.engine.store.operator_changes(desk.office.workspace_id, limit=1)
    assert (change.actor, change.subject, change.before, change.after) == (
        "teammate:olive@acme.example",
        "email",
        "open",
        "monitor",
    )


async def test_what_nobody_vouched_for_is_kept_or_put_aside_and_comes_back_with_undo(desk: FrontDesk) -> None:
    await desk.office.browser("alice", phone="+491")
    asked = await desk.get(f"{HERE}/lock?name%5B%5D=phone")
    assert "1 stored value was never vouched for." in asked.words
    shown = await desk.follow(await desk.post(f"{HERE}/lock", name=["phone"], leftovers="hold"))
    assert "1 value waits beside it for a decision." in shown.words
    held = await desk.office.holding("alice", "phone")
    assert held.value is None
    assert held.held is not None
    await desk.post(f"{HERE}/undo", **undo_of(shown))
    back = await desk.office.holding("alice", "phone")
    assert (back.value, back.held) == ("+491", None)


async def test_what_nobody_vouched_for_is_kept_unless_told_otherwise(desk: FrontDesk) -> None:
    await desk.office.browser("alice", phone="+491")
    await desk.post(f"{HERE}/lock", name=["phone"])
    kept = await desk.office.holding("alice", "phone")
    assert (kept.value, kept.held) == ("+491", None)


@pytest.mark.parametrize(
    ("creators", "told"),
    [
        ("signed", "with the first value that a signed token carries, or once they are made here or by REST."),
        ("anyone", "with the first value that a signed token or a page brings, or once they are made here or by REST."),
        ("nobody", "once they are made here or by REST; who may write one is chosen there."),
    ],
)
async def test_how_attributes_come_to_be_follows_the_policy(desk: FrontDesk, creators: str, told: str) -> None:
    await desk.office.policy(may_create=creators)
    await desk.office.engine.rulebook.confirm()
    words = (await desk.get(HERE)).words
    assert told in words
    assert ("What arrives signed first is locked from the start." in words) is (creators != "nobody")
