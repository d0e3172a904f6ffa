"""One attribute's page: what arrives, whose browser contradicts, what is held, and what is decided about it."""

from __future__ import annotations

import re

import pytest

from avow.flow import attributes
from avow.flow.team.roles import TeamRole
from avow.trust.attribute import Attribute, AttributeType, Enforcement
from tests.admin.test_attributes import undo_of
from tests.support.front_desk import FrontDesk, Shown

PEOPLE = "/settings/data/people"


async def stored(desk: FrontDesk, name: str) -> Attribute:
    return (await attributes.every(desk.office.engine.store, desk.office.workspace_id))[name]


async def here(desk: FrontDesk, name: str) -> str:
    return f"{PEOPLE}/{(await stored(desk, name)).id}"


async def held_one(desk: FrontDesk, user_id: str = "alice", *, known: bool = True) -> str:
    """Somebody's browser says `plan` is enterprise, while it is locked; what the page's boxes call it."""
    if not known:
        await desk.office.signed(user_id, name="Bob")
    else:
        await desk.office.signed(user_id, plan="pro", name="Alice")
    await desk.office.browser(user_id, plan="enterprise")
    await desk.settle()
    contact = await desk.office.known(user_id)
    held = contact.holding("plan").held
    assert held is not None
    return f"{contact.id}:{held.version}"


def cell(shown: Shown, section: str) -> str:
    """What is read in a card."""
    found = re.search(rf'<section class="card" id="{section}".*?</section>', shown.text, re.DOTALL)
    assert found, section
    return " ".join(re.sub(r"<[^>]+>", " ", found[0].replace("<wbr>", "")).split())


async def test_traffic_is_told_by_class_and_who_writes_it_unsigned(desk: FrontDesk) -> None:
    await held_one(desk)
    shown = await desk.get(await here(desk, "plan"))
    assert "50 % signed" in cell(shown, "traffic")
    assert "1 signed" in cell(shown, "traffic")
    assert "1 unsigned, contradicts" in cell(shown, "traffic")
    assert "app.acme.example/v1 (snippet 3) 1" in cell(shown, "writers")


async def test_a_stretch_of_time_leaves_out_what_is_older(desk: FrontDesk) -> None:
    await held_one(desk)
    desk.office.clock.pass_(3 * 86_400)
    address = await here(desk, "plan")
    assert "Nobody" in cell(await desk.get(f"{address}?over=24h"), "writers")
    assert "app.acme.example/v1" in cell(await desk.get(f"{address}?over=7d"), "writers")


async def test_who_contradicts_is_named_by_what_somebody_vouched_for(desk: FrontDesk) -> None:
    await held_one(desk)
    await desk.office.browser("alice", name="Olive, your boss")
    shown = await desk.get(await here(desk, "plan"))
    assert "Alice pro Signed token enterprise" in cell(shown, "contradicting")
    assert "Olive, your boss" not in shown.words
    assert "Olive, your boss" in cell(await desk.get(await here(desk, "name")), "contradicting")


async def test_a_held_value_is_accepted_and_verified(desk: FrontDesk) -> None:
    chosen = await held_one(desk)
    address = await here(desk, "plan")
    shown = await desk.follow(await desk.post(f"{address}/held", held=chosen, decision="accept"))
    assert "you vouched for it" in shown.words
    holding = await desk.office.holding("alice", "plan")
    assert (holding.value, holding.held) == ("enterprise", None)
    assert holding.source is not None
    assert (holding.source.verified, holding.source.by) == (True, "teammate:olive@acme.example")


async def test_a_held_value_is_discarded_and_nothing_else_changes(desk: FrontDesk) -> None:
    chosen = await held_one(desk)
    await desk.follow(await desk.post(f"{await here(desk, 'plan')}/held", held=chosen, decision="discard"))
    holding = await desk.office.holding("alice", "plan")
    assert (holding.value, holding.held) == ("pro", None)


async def test_another_value_than_the_one_that_was_seen_is_not_accepted(desk: FrontDesk) -> None:
    chosen = await held_one(desk)
    desk.office.clock.pass_(4000)
    await desk.office.browser("alice", plan="free")
    shown = await desk.post(f"{await here(desk, 'plan')}/held", held=chosen, decision="accept")
    assert (shown.status, "Another value is held by now" in shown.words) == (409, True)
    assert (await desk.office.holding("alice", "plan")).value == "pro"


async def test_many_are_accepted_at_once_unverified_and_never_over_a_verified_value(desk: FrontDesk) -> None:
    verified = await held_one(desk)
    blank = await held_one(desk, "bob", known=False)
    address = await here(desk, "plan")
    shown = await desk.get(address)
    assert f'value="{blank}" form="accept-all"' in shown.text
    assert f'value="{verified}" form="accept-all"' not in shown.text
    shown = await desk.follow(await desk.post(f"{address}/accept-all", held=[verified, blank]))
    assert "1 value is accepted, unverified. 1 was left" in shown.words
    bob, alice = await desk.office.holding("bob", "plan"), await desk.office.holding("alice", "plan")
    assert bob.source is not None
    assert (bob.value, bob.source.verified, bob.source.channel, bob.held) == ("enterprise", False, "messenger", None)
    assert (alice.value, alice.held is not None) == ("pro", True)


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("held", {"held": "nonsense", "decision": "accept"}, 400),
        ("held", {"held": "0" * 24 + ":1", "decision": "accept"}, 404),
        ("held", {"held": "0" * 24 + ":1", "decision": "keep"}, 400),
        ("accept-all", {}, 400),
        ("accept-all", {"held": ["0" * 24 + ":1"] * 51}, 400),
        ("accept-all", {"held": ["0" * 24 + ":" + "9" * 40]}, 400),
        ("describe", {"description": "x" * 1001, "seen_description": ""}, 400),
        ("describe", {"description": "x"}, 400),
        ("turn", {"enforcement": "locked"}, 400),
        ("undo", {"undo": "nothing"}, 400),
        ("archive", {}, 400),
        ("adopt", {"type": "string", "enforcement": "open"}, 400),
    ],
)
async def test_a_form_that_cannot_be_is_shown_again_and_changes_nothing(
    desk: FrontDesk, path: str, fields: dict[str, str], status: int
) -> None:
    await held_one(desk)
    before = await desk.office.everything()
    shown = await desk.post(f"{await here(desk, 'plan')}/{path}", **fields)
    assert (shown.status, "plan" in shown.title) == (status, True)
    assert await desk.office.everything() == before


async def test_a_lock_is_turned_here_and_undone_and_the_way_leads_back_here(desk: FrontDesk) -> None:
    address = await here(desk, "email")
    assert "Lock email?" in (await desk.get(f"{address}/lock")).words
    answer = await desk.post(f"{address}/lock", name=["email"])
    assert answer.location == desk.root + address
    shown = await desk.follow(answer)
    assert (await stored(desk, "email")).locked
    answer = await desk.post(f"{address}/undo", **undo_of(shown))
    assert answer.location == desk.root + address
    assert not (await stored(desk, "email")).locked
    await desk.post(f"{address}/turn", enforcement="monitor")
    assert (await stored(desk, "email")).enforcement is Enforcement.MONITOR


async def test_a_lock_asked_for_here_turns_no_other(desk: FrontDesk) -> None:
    await desk.post(f"{await here(desk, 'email')}/lock", name=["phone"])
    assert (await stored(desk, "email")).locked
    assert not (await stored(desk, "phone")).locked


async def test_an_attribute_is_created_locked_with_options_and_an_index(desk: FrontDesk) -> None:
    fields = {
        "name": "tier",
        "type": "list",
        "enforcement": "locked",
        "options": "gold\r\n\r\nsilver ",
        "filterable": "yes",
    }
    shown = await desk.follow(await desk.post(f"{PEOPLE}/new", description="How dear they are", **fields))
    one = await stored(desk, "tier")
    assert (one.type, one.options, one.locked) == (AttributeType.LIST, ("gold", "silver"), True)
    assert one.description == "How dear they are"
    assert [it.attribute_id for it in await desk.office.engine.store.filters(desk.office.workspace_id)] == [one.id]
    assert "tier" in shown.title


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": "user_id", "type": "string", "enforcement": "locked"}, "This name is reserved"),
        ({"name": "email", "type": "string", "enforcement": "locked"}, "You already have"),
        ({"name": "tier", "type": "avatar", "enforcement": "locked"}, "That is no type"),
        ({"name": "tier", "type": "list", "enforcement": "locked", "options": "one"}, "A list has 2 to"),
        ({"name": "tier", "type": "string", "enforcement": "shut"}, "Choose who may write it"),
    ],
)
async def test_what_cannot_be_created_is_said_at_its_field(desk: FrontDesk, fields: dict[str, str], told: str) -> None:
    shown = await desk.post(f"{PEOPLE}/new", **fields)
    assert (shown.status, told in shown.words) == (400, True)
    assert "tier" not in await attributes.every(desk.office.engine.store, desk.office.workspace_id)


async def test_a_provisional_attribute_is_adopted_with_a_type(desk: FrontDesk) -> None:
    await desk.office.policy(may_create="anyone")
    await desk.office.visitor("d" * 64, seats="many")
    address = await here(desk, "seats")
    assert "Only browsers have ever named it." in (await desk.get(address)).words
    await desk.follow(await desk.post(f"{address}/adopt", type="integer", enforcement="locked"))
    one = await stored(desk, "seats")
    assert (one.provisional, one.type, one.locked) == (False, AttributeType.INTEGER, True)
    shown = await desk.get(address)
    assert "Adopted" in cell(shown, "history")
    assert "many" in cell(shown, "held")


async def test_it_is_archived_and_comes_back_locked_if_it_was_ever_signed(desk: FrontDesk) -> None:
    await desk.office.signed("alice", plan="pro")
    await desk.office.enforce("plan", Enforcement.OPEN)
    address = await here(desk, "plan")
    assert (
        "It takes no writes any more"
        in (await desk.follow(await desk.post(f"{address}/archive", archived="yes"))).words
    )
    assert (await stored(desk, "plan")).archived
    shown = await desk.follow(await desk.post(f"{address}/archive", archived="no"))
    assert "locked, because it was signed before" in shown.words
    assert (await stored(desk, "plan")).locked


async def test_description_and_options_are_changed_and_told_in_its_history(desk: FrontDesk) -> None:
    await desk.office.declare("tier", "options", options=[{"value": "gold"}, {"value": "silver"}])
    address = await here(desk, "tier")
    seen = {"seen_description": "", "seen_options": "gold\r\nsilver"}
    await desk.post(f"{address}/describe", description="<b>dear</b>", options="gold\nbronze", **seen)
    assert (await stored(desk, "tier")).options == ("gold", "bronze")
    shown = await desk.get(address)
    assert "gold, silver → became gold, bronze" in cell(shown, "history")
    assert "<b>dear</b>" in shown.words
    assert "<b>dear" not in shown.text


async def test_it_is_made_quick_to_filter_by_and_no_longer(desk: FrontDesk) -> None:
    await desk.office.declare("plan")
    address = await here(desk, "plan")
    await desk.post(f"{address}/filterable", filterable="yes")
    (it,) = await desk.office.engine.store.filters(desk.office.workspace_id)
    assert it.kept
    await desk.post(f"{address}/filterable", filterable="no")
    assert all(not one.kept for one in await desk.office.engine.store.filters(desk.office.workspace_id))


async def test_roles_are_offered_what_they_may_do(desk: FrontDesk) -> None:
    await held_one(desk)
    address = await here(desk, "plan")
    teammate = (await (await desk.as_role(TeamRole.TEAMMATE)).get(address)).text
    guest = (await (await desk.as_role(TeamRole.READ_ONLY)).get(address)).text
    assert ('value="accept"' in teammate, 'role="switch"' in teammate) == (True, False)
    assert ('value="accept"' in guest, 'id="definition"' in guest) == (False, False)


async def test_it_is_found_by_name_too_and_what_is_not_there_is_said(desk: FrontDesk) -> None:
    assert (await desk.get(f"{PEOPLE}/email")).status == 200
    assert (await desk.get(f"{PEOPLE}/no_such_attribute")).status == 404


async def test_who_had_proven_nothing_is_not_nobody(desk: FrontDesk) -> None:
    await desk.office.forged("mallory", phone="+491")
    await desk.settle()
    words = (await desk.get(f"{PEOPLE}/3")).words
    assert "Nobody who had proven whom they speak about" in words
    assert "1 claim of callers who had not; where such claims come from is not kept" in words
    assert "No page has sent it outside a token" not in words
    assert "No page has sent it outside a token" in (await desk.get(f"{PEOPLE}/1")).words
