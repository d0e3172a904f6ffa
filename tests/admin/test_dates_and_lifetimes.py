"""What a form shows can be sent back as it is, and what is no moment is told so."""

from __future__ import annotations

import re

import pytest

from avow.trust.policy import Policy
from tests.support.front_desk import FrontDesk
from tests.support.settling import settled

KEY, TOKENS = "/settings/security/key", "/settings/security/policy"


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
