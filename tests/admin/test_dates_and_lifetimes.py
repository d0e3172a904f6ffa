"""What a form shows can be sent back as it is, and what is no moment is told so."""

from __future__ import annotations

import re

import pytest

from avow.flow.screens import keys
from avow.trust.policy import Policy
from tests.admin.test_person_edited import alice, field, form_of
from tests.support.front_desk import FrontDesk
from tests.support.settling import settled

KEY, TOKENS = "/settings/security/key", "/settings/security/policy"
BERLIN, NEW_YORK = "Europe%2FBerlin", "America%2FNew_York"


@pytest.mark.parametrize("zone", ["Europe%2FBerlin", "America%2FNew_York"])
@pytest.mark.parametrize("typed", ["0001-01-01T00:00", "9999-12-31T23:59"])
async def test_a_date_at_either_end_of_the_calendar_is_no_servers_fault(desk: FrontDesk, zone: str, typed: str) -> None:
    desk.cookies["avow_zone"] = zone
    before = await desk.office.everything()
    dry = await desk.post(f"{KEY}/rehearse", kid=desk.office.kid, since=typed)
    ends = await desk.post(f"{KEY}/retire", kid=desk.office.kid, wait="at", at=typed)
    assert dry.status == 400
    assert ends.status == 400
    assert await desk.office.everything() == before


@pytest.mark.parametrize("seconds", [60, 61, 90, 3_600, 5_400, 86_400, 86_401, 31_622_399, 31_622_400])
async def test_every_lifetime_can_be_saved_as_it_is_shown(desk: FrontDesk, seconds: int) -> None:
    await desk.office.policy(max_token_lifetime=seconds)
    await settled(desk.office.engine, desk.office.workspace_id)
    page = (await desk.get(TOKENS)).text
    seen, lifetime = (re.search(rf'name="{name}"[^>]* value="(\w+)"', page) for name in ("seen", "lifetime"))
    unit = re.search(r'value="(\w+)" selected>(?:seconds|minutes|hours|days)<', page)
    assert seen is not None
    assert lifetime is not None
    assert unit is not None
    saved = await desk.post(
        f"{TOKENS}/tokens", undated_tokens="accept", seen=seen[1], lifetime=lifetime[1], unit=unit[1]
    )
    assert "Nothing was to be changed." in (await desk.follow(saved)).words
    assert (await desk.office.engine.rulebook.current(desk.office.workspace_id)).policy == Policy(
        max_token_lifetime=seconds
    )


async def test_a_laptop_that_changes_its_zone_edits_nothing(desk: FrontDesk) -> None:
    address = await alice(desk)
    before = await desk.office.everything()
    desk.cookies["avow_zone"] = BERLIN
    form = form_of(await desk.get(f"{address}/edit"))
    desk.cookies["avow_zone"] = NEW_YORK
    shown = await desk.follow(await desk.post(f"{address}/edit", **form))
    assert "Nothing was edited" in shown.words
    assert await desk.office.everything() == before


async def test_what_was_typed_is_read_in_the_zone_of_its_form_when_that_comes_back_too(desk: FrontDesk) -> None:
    address = await alice(desk)
    desk.cookies["avow_zone"] = BERLIN
    form = form_of(await desk.get(f"{address}/edit"))
    desk.cookies["avow_zone"] = NEW_YORK
    typed = {await field(desk, "trial_ends"): "2027-01-20T11:00:30"}
    shown = await desk.post(f"{address}/edit", **{**form, **typed, await field(desk, "seats"): "many"})
    assert shown.status == 400
    await desk.follow(await desk.post(f"{address}/edit", **{**form_of(shown), await field(desk, "seats"): "30"}))
    assert (await desk.office.holding("alice", "trial_ends")).value == 1_800_439_230


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "x" * 500])
async def test_a_zone_that_is_none_leaves_the_browsers(desk: FrontDesk, zone: str) -> None:
    address = await alice(desk)
    desk.cookies["avow_zone"] = BERLIN
    form = form_of(await desk.get(f"{address}/edit"))
    shown = await desk.post(f"{address}/edit", **{**form, "zone": zone})
    assert "Nothing was edited" in (await desk.follow(shown)).words


async def test_when_a_key_ends_is_read_in_the_zone_of_its_form(desk: FrontDesk) -> None:
    desk.cookies["avow_zone"] = BERLIN
    page = (await desk.get(f"{KEY}?kid={desk.office.kid}")).text
    desk.cookies["avow_zone"] = NEW_YORK
    await desk.post(f"{KEY}/retire", kid=desk.office.kid, wait="at", at="2031-01-31T09:00", zone=zone_of(page))
    row = await keys.one(desk.office.engine, desk.office.workspace_id, desk.office.kid)
    assert row.key.retires_at == 1_927_612_800


async def test_since_when_a_key_is_distrusted_is_read_in_the_zone_of_its_form(desk: FrontDesk) -> None:
    desk.cookies["avow_zone"] = BERLIN
    page = (await desk.get(f"{KEY}/distrust?kid={desk.office.kid}")).text
    desk.cookies["avow_zone"] = NEW_YORK
    dry = await desk.post(f"{KEY}/rehearse", kid=desk.office.kid, since="2026-01-31T09:00", zone=zone_of(page))
    assert 'name="moment" value="1769846400"' in dry.text


def zone_of(page: str) -> str:
    """The zone that a form names as its own."""
    found = re.search(r'name="zone" value="([^"]+)"', page)
    return found[1] if found else ""
