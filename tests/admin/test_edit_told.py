"""The edit form when two things are wrong with a field at once: both are said, and nothing that does not hold."""

from __future__ import annotations

import re
from typing import Any

import pytest

from avow.flow.contacts import get
from tests.admin.test_person_edited import alice, field, form_of
from tests.support.front_desk import FrontDesk


async def test_what_does_not_fit_is_said_where_somebody_else_wrote_meanwhile_too(
    desk: FrontDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the refusal and the page that tells of it, her backend writes."""
    address = await alice(desk)
    form = form_of(await desk.get(f"{address}/edit")) | {await field(desk, "seats"): "many"}
    looks: list[Any] = []

    async def late(*asked: Any) -> Any:
        looks.append(asked)
        if len(looks) == 2:
            await desk.office.signed("alice", seats=26)
        return await get(*asked)

    monkeypatch.setattr("avow.admin.people.edit.get", late)
    shown = await desk.post(f"{address}/edit", **form)
    assert shown.status == 400
    (told,) = re.findall(rf'id="f-{await field(desk, "seats")}-told">(.*?)</p>', shown.text)
    assert "does not fit" in told
    assert "Somebody changed it while you were editing. What stands there now: <strong><bdi>26</bdi></strong>." in told
    assert "Saving again" not in told
