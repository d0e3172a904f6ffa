"""A filterable attribute has an index that is built beside the writers, and always tells the truth."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from avow.errors import BadInput
from avow.flow import attributes
from avow.flow.attributes import Edit
from avow.flow.contract.query import Filter, FilterState
from avow.flow.engine import Engine
from avow.flow.search import filtering
from avow.flow.search.filtering import FILTERABLE_AT_MOST, advance, build, progress
from avow.flow.search.parsing import parse
from avow.flow.search.searching import Asked, Results, search
from avow.flow.search.terms import terms_of
from avow.trust.attribute import Enforcement
from tests.support.office import OLIVE, Office


@pytest.fixture(autouse=True)
def nobody_builds_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avow.flow.engine.INDEX_EVERY", 1e6)


@pytest.fixture
async def acme(office: Office) -> Office:
    """Acme with a plan for each of some customers."""
    await office.declare("plan", messenger_writable=True)
    for number in range(7):
        office.clock.pass_(1)
        fields = {"custom_attributes": {"plan": "pro" if number % 2 else "free"}}
        await office.rest("POST", "/contacts", {"external_id": f"customer {number}", **fields})
    return office


async def change(office: Office, name: str, edit: Edit) -> None:
    known = (await attributes.every(office.engine.store, office.workspace_id))[name]
    which = name if known.standard else str(known.id)
    engine = office.engine
    await attributes.update(engine.store, office.workspace_id, which, edit, entropy=engine.entropy, actor=OLIVE)
    await engine.rulebook.confirm()


async def declare(office: Office, name: str = "plan", wanted: bool = True) -> None:
    await change(office, name, Edit(filterable=wanted))


async def ready(office: Office) -> None:
    await build(office.engine.store, office.workspace_id)


async def the_filter(office: Office) -> Filter | None:
    found = await office.engine.store.filters(office.workspace_id)
    assert len(found) < 2
    return found[0] if found else None


async def find(office: Office, value: Any = "pro", operator: str = "=", **more: Any) -> Results:
    engine = office.engine
    rules = await engine.rulebook.current(office.workspace_id)
    condition = {"field": "custom_attributes.plan", "operator": operator, "value": value, **more}
    where = parse(condition, terms_of(rules, "UTC", engine.now()))
    return await search(engine.store, office.workspace_id, rules, Asked(where, 50))


async def names(office: Office, value: Any = "pro", **more: Any) -> set[str | None]:
    """Who is found by the index, and by it alone."""
    results = await find(office, value, **more)
    assert results.unindexed == ()
    return {one.external_id for one in results.contacts}


async def test_what_was_there_before_is_entered_step_by_step(acme: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filtering, "STEP", 3)
    await declare(acme)
    seen = []
    while (step := await advance(acme.engine.store, acme.workspace_id)) is not None:
        assert step.filter is not None
        seen.append((step.filter.state, step.filter.done, round(progress(step.filter), 2)))
    building = FilterState.BUILDING
    assert seen == [(building, 3, 0.43), (building, 6, 0.86), (building, 7, 1.0), (FilterState.READY, 7, 1.0)]
    assert await names(acme) == {"customer 1", "customer 3", "customer 5"}


async def test_until_it_is_ready_everybody_is_looked_at(acme: Office) -> None:
    await declare(acme)
    await advance(acme.engine.store, acme.workspace_id)
    results = await find(acme)
    assert (len(results.contacts), results.unindexed) == (3, ("custom_attributes.plan",))


async def test_a_restart_goes_on_where_the_building_was(acme: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filtering, "STEP", 3)
    await declare(acme)
    await advance(acme.engine.store, acme.workspace_id)
    store, key = acme.engine.store, acme.engine.master_key
    after = Engine.of(store, key, now=acme.clock, monotonic=lambda: 0.0, entropy=acme.engine.entropy)
    monkeypatch.setattr("avow.flow.engine.INDEX_EVERY", 0.01)
    async with after.running():
        async with asyncio.timeout(10):
            while (it := await the_filter(acme)) is None or it.state is not FilterState.READY:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    assert it.done == 7
    assert await names(acme) == {"customer 1", "customer 3", "customer 5"}


async def test_whoever_writes_keeps_it_before_during_and_after_the_building(
    acme: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filtering, "STEP", 2)
    await declare(acme)
    for number in range(7):
        acme.clock.pass_(5)
        await acme.signed(f"customer {number}", plan="pro" if number % 3 else "gone")
        await acme.signed(f"newcomer {number}", plan="pro")
        await advance(acme.engine.store, acme.workspace_id)
    await ready(acme)
    acme.clock.pass_(5)
    await acme.signed("customer 1", plan=None)
    expected = {"customer 2", "customer 4", "customer 5", *(f"newcomer {number}" for number in range(7))}
    assert await names(acme) == expected


async def test_it_holds_what_is_verified_beside_what_is_said(acme: Office) -> None:
    await declare(acme)
    await ready(acme)
    acme.clock.pass_(5)
    await acme.signed("alice", plan="free")
    await acme.browser("alice", plan="Pro plus")
    await acme.browser("bob", plan="pro plus")
    assert await names(acme, "PRO PLUS") == {"alice", "bob"}
    assert await names(acme, "pro plus", verified=True) == set()
    assert await names(acme, "pro plus", operator="^") == {"alice", "bob"}
    assert "alice" in await names(acme, "free", verified=True)


async def test_a_lock_holds_unsigned_values_out_of_it(acme: Office) -> None:
    await declare(acme)
    await ready(acme)
    await acme.enforce("plan", Enforcement.LOCKED)
    await acme.browser("customer 0", plan="enterprise")
    assert await names(acme, "enterprise") == set()


async def test_who_leaves_the_lists_leaves_the_index(acme: Office) -> None:
    await declare(acme)
    await ready(acme)
    ids = {f"customer {number}": (await acme.known(f"customer {number}")).id for number in (1, 3)}
    await acme.rest("DELETE", f"/contacts/{ids['customer 1']}")
    await acme.rest("POST", f"/contacts/{ids['customer 3']}/archive")
    results = await find(acme)
    assert ([one.external_id for one in results.contacts], results.total) == (["customer 5"], 1)
    await acme.rest("POST", f"/contacts/{ids['customer 3']}/unarchive")
    assert (await find(acme)).total == 2


async def test_nothing_of_an_erased_contact_stays_in_it(acme: Office) -> None:
    await declare(acme)
    await ready(acme)
    await acme.signed("mallory", plan="a telling value")
    await acme.rest("DELETE", f"/contacts/{(await acme.known('mallory')).id}")
    reader = acme.engine.store._reader  # type: ignore[attr-defined]
    from sqlalchemy import select

    from avow.store.schema import filter_value

    assert "a telling value" not in {row[0] for row in await reader.rows(select(filter_value.c.value))}


async def test_it_can_be_let_go_and_declared_again(acme: Office) -> None:
    await declare(acme)
    await ready(acme)
    await declare(acme, wanted=False)
    dropping = await the_filter(acme)
    assert dropping is not None
    assert (dropping.state, dropping.kept) == (FilterState.DROPPING, False)
    assert (await find(acme)).unindexed == ("custom_attributes.plan",)
    acme.clock.pass_(5)
    await acme.signed("customer 1", plan="free")
    await declare(acme)
    await ready(acme)
    assert await names(acme) == {"customer 3", "customer 5"}
    await declare(acme, wanted=False)
    await ready(acme)
    assert await the_filter(acme) is None


async def test_what_cannot_have_one_is_refused(office: Office) -> None:
    await office.policy(may_create="anyone")
    await office.browser("mallory", noise="x")
    for name in ("noise", "avatar"):
        with pytest.raises(BadInput, match="cannot be filterable"):
            await declare(office, name)
    for number in range(FILTERABLE_AT_MOST):
        await office.declare(f"one {number}", filterable=True)
    await office.declare("one more")
    with pytest.raises(BadInput, match="no more"):
        await declare(office, "one more")


async def test_it_is_written_down_who_declared_it(acme: Office) -> None:
    await declare(acme)
    await declare(acme)
    acme.clock.pass_(1)
    await declare(acme, wanted=False)
    logged = await acme.engine.store.operator_changes(acme.workspace_id, limit=9)
    told = [(one.actor, one.subject, one.before, one.after) for one in logged if one.action == "attribute.filterable"]
    assert told == [(OLIVE, "plan", "true", "false"), (OLIVE, "plan", "false", "true")]


async def test_without_filterable_attributes_nothing_is_kept_or_written(office: Office) -> None:
    rules = await office.engine.rulebook.current(office.workspace_id)
    assert rules.filters == ()
    await office.signed("alice", plan="pro")
    assert await office.engine.store.unfinished_filters() == []
