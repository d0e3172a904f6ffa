"""What is wrong with a decision about a held value is said on the page, and in the part of it, that she decided in."""

from __future__ import annotations

from typing import Any

import pytest

from avow.trust.attribute import Enforcement
from tests.admin.test_everything_that_waits import held_page
from tests.support.front_desk import FrontDesk


@pytest.mark.parametrize("act", ["held", "accept-all"])
async def test_a_fault_is_shown_where_she_decided(desk: FrontDesk, act: str) -> None:
    await desk.office.enforce("phone", Enforcement.LOCKED)
    await desk.office.signed("alice", name="Alice")
    await desk.office.browser("alice", phone="+491")
    here = (await held_page(desk, "phone")).removesuffix("/held")
    for place, told in (
        ("", "How its values arrive"),
        ("held", "among 1 person"),
        (f"held.{'f' * 24}.40", "1 value on this page; among 41 people"),
        ("held.x.1", "How its values arrive"),
    ):
        fields: dict[str, Any] = {"from": place} if place else {}
        shown = await desk.post(f"{here}/{act}", **fields)
        assert shown.status == 400
        assert told in shown.words
        assert ("What waits" in shown.words) is ("among" in told)
        assert 'id="fault"' in shown.text
