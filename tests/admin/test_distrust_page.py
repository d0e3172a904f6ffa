"""The dry run of a distrust, in words."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from avow.trust.attribute import Enforcement
from tests.admin.test_signing_keys import make
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


async def test_who_is_shut_out_is_said_before_the_key_ends(desk: FrontDesk) -> None:
    """Distrusting a key revokes it: its dry run says what the page before a revocation says."""
    asking = {"kid": desk.office.kid, "since": "2026-01-01T00:00"}
    alone = await desk.post(f"{AT}/key/rehearse", **asking)
    assert "There is no other live key on the web, iOS and Android: nobody signed in gets through there" in alone.words
    assert f"/keys?replaces={desk.office.kid}" in alone.text

    await make(desk, "spare", name="Spare")
    assert "Other live keys go on as before." in (await desk.post(f"{AT}/key/rehearse", **asking)).words
    await desk.post(f"{AT}/key/retire", kid="spare", wait="3600")
    ending = (await desk.post(f"{AT}/key/rehearse", **asking)).words
    assert "There is no other live key on the web, iOS and Android that goes on: Spare is believed until" in ending

    await desk.post(f"{AT}/key/revoke", kid=desk.office.kid)
    assert "other live key" not in (await desk.post(f"{AT}/key/rehearse", **asking)).words
