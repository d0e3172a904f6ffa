"""What an adoption has put aside counts, and is listed, as what it is: held. Though no contact was written for it."""

from __future__ import annotations

import pytest

from avow.flow.audit import audit
from avow.flow.bookkeeping.retention import fade
from avow.flow.contacts.reading import standings
from avow.flow.contract import LeftoverCount
from avow.flow.screens import leftovers, one_attribute, people, waiting
from avow.flow.screens.people import Quick, Wanted
from avow.trust.attribute import Enforcement
from avow.trust.contact import Holding, State
from avow.trust.policy import Policy
from avow.trust.rules import Rules
from avow.trust.weighing.distrust import Fall
from tests.support.distrusting import alices, fell, with_key
from tests.support.office import OLIVE, Office

DAY = 86_400
LATER, SET_BACK = 5, -7_200
"""How much later the adoption comes, as the clock tells: it may have been set back in between."""


async def adopted(office: Office, passing: float = LATER) -> None:
    """Browsers said `a lot` of Alice and `7` of Bob; then Acme vouches for a number of Dave's."""
    await office.policy(may_create="anyone")
    await office.browser("alice", seats="a lot")
    await office.browser("bob", seats="7")
    office.clock.pass_(passing)
    await office.signed("dave", seats=5)
    assert (await office.holding("alice", "seats")).value == "a lot", "her row was not written since"


async def cleared_and_adopted(office: Office) -> None:
    """As before, and Acme had signed that Alice's are unknown, before her browser said so once more."""
    await office.policy(may_create="anyone")
    await office.browser("alice", seats="a lot")
    office.clock.pass_(5)
    await office.signed("alice", seats=None)
    office.clock.pass_(5)
    await office.browser("alice", seats="a lot")
    office.clock.pass_(5)
    await office.signed("dave", seats=5)


async def count(office: Office, *names: str) -> LeftoverCount:
    return await leftovers.count(office.engine.store, office.workspace_id, names)


async def rules_of(office: Office) -> Rules:
    await office.engine.rulebook.confirm()
    return await office.engine.rulebook.current(office.workspace_id)


@pytest.mark.parametrize("passing", [LATER, SET_BACK])
async def test_the_lock_counts_what_stands_and_moves_as_many(office: Office, passing: float) -> None:
    await adopted(office, passing)
    assert (await count(office, "seats")).values == 1
    assert (await count(office, "seats", "phone")).values == 1
    await office.enforce("seats", Enforcement.LOCKED)
    moved = await leftovers.hold(office.engine, office.workspace_id, ["seats"], actor=OLIVE)
    assert (moved.count, moved.gave_way, (await count(office, "seats")).values) == (1, 0, 0)


async def test_what_was_put_aside_is_not_said_to_contradict(office: Office) -> None:
    await cleared_and_adopted(office)
    await office.signed("erin", phone="+491")
    await office.browser("erin", phone="+492")
    found = await count(office, "seats", "phone")
    assert (found.values, found.over) == (1, 1), "Erin's phone alone"
    alice, rules = await office.known("alice"), await rules_of(office)
    assert standings(alice, rules, office.clock())["seats"].state is State.VERIFIED
    wanted = Wanted(Quick.CONTRADICTED)
    seen = await people.look(office.engine, office.workspace_id, rules, wanted, office.clock())
    assert [one.external_id for one in seen.contacts] == ["erin"]


@pytest.mark.parametrize("passing", [LATER, SET_BACK])
async def test_what_was_put_aside_waits_with_all_that_waits(office: Office, passing: float) -> None:
    await adopted(office, passing)
    await office.enforce("seats", Enforcement.LOCKED)
    office.clock.pass_(10)
    await office.browser("erin", seats=9)
    seats = await one_attribute.find(office.engine, office.workspace_id, "seats")
    found = await waiting.waiting(office.engine, office.workspace_id, seats, before=None)
    held = {one.contact.external_id: one.standing.held.value for one in found.held if one.standing.held}
    assert held == {"erin": 9, "alice": "a lot"}


@pytest.mark.parametrize("passing", [LATER, SET_BACK])
async def test_a_value_of_the_wrong_type_never_stays_current(office: Office, passing: float) -> None:
    await adopted(office, passing)
    for name, value in {"alice": None, "bob": 7, "dave": 5}.items():
        answer = await office.rest("GET", f"/contacts/{(await office.known(name)).id}")
        assert answer.body["custom_attributes"].get("seats") == value, name
    for name in ("alice", "bob"):
        await office.browser(name, phone="+491", seats=8)
        assert (await office.holding(name, "seats")).value == 8
    assert (await audit(office.engine.store, office.workspace_id)).findings == ()


@pytest.mark.parametrize("passing", [LATER, SET_BACK])
async def test_a_search_finds_what_a_page_shows(office: Office, passing: float) -> None:
    await adopted(office, passing)
    for value, names in {7: ["bob"], None: ["alice"]}.items():
        query = {"field": "custom_attributes.seats", "operator": "=", "value": value}
        answer = await office.rest("POST", "/contacts/search", {"query": query})
        assert [one["external_id"] for one in answer.body["data"]] == names


async def test_a_distrusted_key_takes_back_what_a_page_shows(office: Office) -> None:
    await office.policy(may_create="anyone")
    second = await with_key(office)
    await office.browser("alice", seats="a lot")
    await office.signed("alice", seats=None)
    office.clock.pass_(5)
    since = office.clock()
    await second.signed("alice", seats=None)
    office.clock.pass_(5)
    await office.browser("alice", seats="a lot")
    office.clock.pass_(5)
    await office.signed("dave", seats=5)
    told = await fell(office, since, "second")
    assert await alices(office, told) == {"seats": Fall.RESTORED}, "the clear of the first key stands, and not `a lot`"
    seats = await office.holding("alice", "seats")
    assert seats.value is None
    assert seats.held is not None
    assert seats.held.value == "a lot"


async def test_what_was_put_aside_is_forgotten_with_all_that_was_held(office: Office) -> None:
    await adopted(office)
    await office.enforce("phone", Enforcement.LOCKED)
    await office.browser("alice", phone="+491")
    engine, later = office.engine, office.clock() + 31 * DAY
    await fade(engine.store, engine.committer, office.workspace_id, Policy(retention_days=30), later)
    assert await office.holding("alice", "seats") == Holding()
    assert (await audit(engine.store, office.workspace_id)).findings == ()
