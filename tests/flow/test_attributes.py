"""Attributes declared, locked, opened and archived: what each word means, who may not, and that it is written down."""

from __future__ import annotations

from typing import Any

import pytest

from avow.errors import BadInput, NotFound
from avow.flow import attributes
from avow.flow.attributes import Edit, edited
from avow.flow.rules.declaring import Definition, declared
from avow.trust.attribute import MAX_ACTIVE, MAX_PROVISIONAL, STANDARD, Attribute, AttributeType, Enforcement
from avow.trust.contact import WorkspaceId
from avow.trust.reasons import Reason
from tests.support.office import OLIVE, Office

OPEN, MONITOR, LOCKED = Enforcement.OPEN, Enforcement.MONITOR, Enforcement.LOCKED
TEXT = AttributeType.STRING
NOW = 1_800_000_000.0


def plan(**fields: Any) -> Attribute:
    return Attribute(1_000, "plan", fields.pop("type", TEXT), **fields)


def declare(name: str, *known: Attribute, **fields: Any) -> Attribute:
    definition = Definition(name, fields.pop("type", TEXT), fields.pop("enforcement", LOCKED), **fields)
    everything = STANDARD | {attribute.name: attribute for attribute in known}
    return declared(definition, everything, now=NOW, entropy=lambda count: bytes(count))


async def update(office: Office, name: str, **edit: Any) -> Attribute:
    engine = office.engine
    return await attributes.update(
        engine.store, office.workspace_id, name, Edit(**edit), entropy=engine.entropy, actor=OLIVE
    )


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        (OPEN, {"messenger_writable": False}, LOCKED),
        (MONITOR, {"messenger_writable": False}, LOCKED),
        (LOCKED, {"messenger_writable": True}, OPEN),
        (MONITOR, {"messenger_writable": True}, MONITOR),
        (OPEN, {"messenger_writable": True}, OPEN),
        (LOCKED, {}, LOCKED),
        (LOCKED, {"enforcement": MONITOR}, MONITOR),
        (OPEN, {"enforcement": LOCKED, "messenger_writable": False}, LOCKED),
        (OPEN, {"enforcement": MONITOR, "messenger_writable": True}, MONITOR),
    ],
)
def test_intercoms_word_and_ours(before: Enforcement, edit: dict[str, Any], after: Enforcement) -> None:
    assert edited(plan(enforcement=before), Edit(**edit), {}).enforcement is after


@pytest.mark.parametrize(("enforcement", "writable"), [(LOCKED, True), (OPEN, False), (MONITOR, False)])
def test_two_words_that_contradict_each_other_change_nothing(enforcement: Enforcement, writable: bool) -> None:
    with pytest.raises(BadInput) as refused:
        edited(plan(), Edit(enforcement=enforcement, messenger_writable=writable), {})
    assert refused.value.field == "messenger_writable"


async def test_once_a_lock_is_answered_no_unsigned_write_is_applied(office: Office) -> None:
    await office.declare("plan", messenger_writable=True)
    await office.browser("alice", plan="free")
    engine = office.engine
    await attributes.enforce(engine.store, office.workspace_id, "plan", LOCKED, entropy=engine.entropy, actor=OLIVE)
    receipt = await office.forged("alice", plan="enterprise")
    assert [verdict.reason for verdict in receipt.verdicts] == [Reason.UNVERIFIED]
    assert (await office.holding("alice", "plan")).value == "free"


async def test_a_standard_attribute_can_be_locked_like_any_other(office: Office) -> None:
    await office.enforce("email", LOCKED)
    await office.browser("alice", email="mallory@example.com")
    assert (await office.holding("alice", "email")).value is None
    assert (await office.enforce("email", OPEN)).version == 3


async def test_every_change_is_written_down(office: Office) -> None:
    await office.declare("plan", messenger_writable=True)
    await update(office, "plan", enforcement=LOCKED, description="What they pay for", archived=True)
    await update(office, "plan", description="What they pay for")
    logged = await office.engine.store.operator_changes(office.workspace_id, limit=10)
    told = {(one.action, one.subject, one.before, one.after) for one in logged if one.action.startswith("attribute")}
    assert told == {
        ("attribute.create", "plan", "", "string open"),
        ("attribute.enforcement", "plan", "open", "locked"),
        ("attribute.description", "plan", "", "What they pay for"),
        ("attribute.archived", "plan", "false", "true"),
    }
    assert {one.actor for one in logged if one.action == "attribute.enforcement"} == {OLIVE}


@pytest.mark.parametrize(
    "name",
    ["", " plan", "pl.an", "pl$an", "plan\u00a0b", "user_id", "company", "exp", "created_at", "x" * 191, "___", "a\nb"],
)
def test_a_name_that_no_attribute_can_have_is_refused(name: str) -> None:
    with pytest.raises(BadInput) as refused:
        declare(name)
    assert refused.value.field == "name"


@pytest.mark.parametrize("name", ["plan", "Plan b", "größe", "sign-ups", "€ spent", "プラン"])
def test_a_plain_name_stays_as_it_is(name: str) -> None:
    assert declare(name).name == name


@pytest.mark.parametrize("name", ["plan", "Plan", "PLAN", "ｐｌａｎ", "Email", "CREATED_AT"])
def test_a_name_that_could_pass_for_another_is_refused(name: str) -> None:
    with pytest.raises(BadInput) as refused:
        declare(name, plan())
    assert refused.value.field == "name"


def test_a_squatter_of_the_name_does_not_stand_in_the_way() -> None:
    """Mallory wrote `plan` unsigned first: declaring it gives it the company's type, and the company's rule."""
    squatted = plan(type=AttributeType.BOOLEAN, provisional=True, version=4, created_at=5.0)
    mine = declare("plan", squatted, description="What they pay for")
    assert (mine.id, mine.type, mine.enforcement, mine.provisional) == (1_000, TEXT, LOCKED, False)
    assert (mine.adopted_at, mine.version, mine.created_at) == (NOW, 5, 5.0)


async def test_a_squatters_values_are_held_where_they_do_not_fit_the_declared_type(office: Office) -> None:
    await office.policy(may_create="anyone")
    await office.browser("mallory", seats="a lot")
    office.clock.pass_(5)
    await office.declare("seats", "integer")
    mallory = (await office.known("mallory")).id
    seats = (await office.rest("GET", f"/contacts/{mallory}/provenance")).body["attributes"]["seats"]
    assert (seats["value"], seats["held"]["value"]) == (None, "a lot")


def crowd(count: int, **fields: Any) -> list[Attribute]:
    return [Attribute(2_000 + n, f"filler {n}", TEXT, **fields) for n in range(count)]


def test_there_is_room_for_so_many_and_archived_or_provisional_ones_take_none() -> None:
    beside = crowd(MAX_ACTIVE - 1)
    archived = Attribute(9_000, "old", TEXT, archived=True)
    provisional = Attribute(9_001, "odd", TEXT, provisional=True)
    assert declare("plan", *beside, archived, provisional).name == "plan"
    with pytest.raises(BadInput) as refused:
        declare("plan", *crowd(MAX_ACTIVE))
    assert refused.value.code == "custom_data_limit_reached"


@pytest.mark.parametrize(("provisional", "limit"), [(False, MAX_ACTIVE), (True, MAX_PROVISIONAL)])
def test_coming_back_from_the_archive_takes_room(provisional: bool, limit: int) -> None:
    others = {one.name: one for one in crowd(limit, provisional=provisional)}
    with pytest.raises(BadInput) as refused:
        edited(plan(archived=True, provisional=provisional), Edit(archived=False), others)
    assert refused.value.code == "custom_data_limit_reached"


@pytest.mark.parametrize(
    ("ever_signed", "before", "after"), [(False, OPEN, OPEN), (False, MONITOR, MONITOR), (True, OPEN, LOCKED)]
)
def test_what_was_ever_signed_comes_back_from_the_archive_locked(
    ever_signed: bool, before: Enforcement, after: Enforcement
) -> None:
    archived = plan(archived=True, ever_signed=ever_signed, enforcement=before)
    back = edited(archived, Edit(archived=False), {})
    assert (back.archived, back.enforcement) == (False, after)


def test_archiving_keeps_the_rule_and_standard_attributes_are_not_archived() -> None:
    assert edited(plan(enforcement=MONITOR), Edit(archived=True), {}).enforcement is MONITOR
    with pytest.raises(BadInput) as refused:
        edited(STANDARD["email"], Edit(archived=True), {})
    assert refused.value.field == "archived"


async def test_an_archived_attribute_takes_no_writes_and_keeps_its_values(office: Office) -> None:
    await office.declare("plan")
    await office.signed("alice", plan="pro")
    await update(office, "plan", archived=True)
    receipt = await office.signed("alice", plan="free")
    assert [verdict.reason for verdict in receipt.verdicts] == [Reason.ARCHIVED]
    assert (await update(office, "plan", archived=False)).enforcement is LOCKED
    assert (await office.holding("alice", "plan")).value == "pro"


@pytest.mark.parametrize("options", [(), ("S",), ("S", "S"), ("S", " "), ("S", "x" * 256), ("S", "a\nb")])
def test_options_that_make_no_list_are_refused(options: tuple[str, ...]) -> None:
    for act in (
        lambda: declare("size", type=AttributeType.LIST, options=options),
        lambda: edited(plan(type=AttributeType.LIST), Edit(options=options), {}),
    ):
        with pytest.raises(BadInput) as refused:
            act()
        assert refused.value.field == "options"


def test_only_a_list_has_options() -> None:
    with pytest.raises(BadInput):
        edited(plan(), Edit(options=("S", "M")), {})
    with pytest.raises(BadInput):
        declare("plan", options=("S", "M"))
    size = edited(plan(type=AttributeType.LIST, options=("S", "M")), Edit(options=("S", "M", "L")), {})
    assert size.options == ("S", "M", "L")


def test_a_description_has_an_end() -> None:
    with pytest.raises(BadInput) as refused:
        edited(plan(), Edit(description="x" * 1_001), {})
    assert refused.value.field == "description"


def test_an_id_is_never_taken_for_a_name_that_a_browser_made_up() -> None:
    """Mallory names an attribute after the id of `plan`: locking `1000` locks `plan`, not hers."""
    everything = STANDARD | {"plan": plan(), "1000": Attribute(5_000, "1000", TEXT, provisional=True)}
    assert attributes.find(everything, "1000").name == "plan"
    assert attributes.find(everything, "plan").name == "plan"
    assert attributes.find_by_name(everything, "1000").id == 5_000
    for unknown in ("nobody", "2", "Plan"):
        with pytest.raises(NotFound) as missing:
            attributes.find(everything, unknown)
        assert missing.value.code == "field_not_found"


async def test_a_workspace_that_is_not_there_has_no_attributes(office: Office) -> None:
    with pytest.raises(NotFound) as missing:
        await attributes.every(office.engine.store, WorkspaceId("nowhere0"))
    assert missing.value.code == "workspace_not_found"


async def test_what_cannot_be_changes_nothing(office: Office) -> None:
    await office.declare("plan")
    before = await office.everything()
    with pytest.raises(BadInput):
        await update(office, "plan", enforcement=OPEN, options=("S", "M"))
    with pytest.raises(NotFound):
        await update(office, "unheard", enforcement=OPEN)
    assert await office.everything() == before
