"""The dry run of a distrust, in words."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from avow.trust.attribute import Enforcement
from tests.support.front_desk import FrontDesk

AT = "/settings/security"


async def test_one_value_is_spoken_of_in_the_singular_and_held_values_by_their_name(desk: FrontDesk) -> None:
    since = datetime.fromtimestamp(desk.office.clock() - 3600, ZoneInfo("Europe/Berlin")).strftime("%Y-%m-%dT%H:%M")
    await desk.office.rest("POST", "/contacts", {"external_id": "alice", "phone": "+490"})
    desk.office.clock.pass_(1)
    await desk.office.signed("alice", phone="+491")
    await desk.office.enforce("name", Enforcement.LOCKED)
    await desk.office.signed("bob", email="bob@customer.example")
    await desk.office.browser("bob", name="Bob")
    await desk.office.browser("alice", name="Alice")
    dry = (await desk.post(f"{AT}/key/rehearse", kid=desk.office.kid, since=since)).words
    assert "2 held values are nobody's claim any more." in dry
    assert "1 value stays as it is, unverified, beside what was vouched for before." in dry
    assert "1 value stays as it is, unverified: nobody had vouched before that." in dry
