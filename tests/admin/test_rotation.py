"""A rotation that was left is found again, its steps are true, and a key that is about to end is not relied upon."""

from __future__ import annotations

import html
from dataclasses import replace

from avow.trust.keys import KeyState
from tests.admin.test_signing_keys import AT, DAY, make, secret_of, stored
from tests.support.front_desk import FrontDesk
from tests.support.settling import settled

HOUR = 3_600


async def test_the_new_key_is_found_again_without_its_name(desk: FrontDesk) -> None:
    old = desk.office.kid
    desk.office.clock.pass_(5)
    await make(desk, replaces=old, name="Backend 2027")
    again = await desk.get(f"{AT}/rotate?kid={old}")
    assert "Make the new key : done Backend 2027 , made" in again.row("step-make")
    assert "Let your backends sign with it : to be done now" in again.row("step-deploy")
    assert f"/keys?replaces={old}" not in again.text

    other = await desk.get(f"{AT}/rotate?kid={old}&choose=yes")
    assert "Does it take over? Use Backend 2027 Make another key" in other.row("step-make")


async def test_where_several_keys_were_made_since_it_asks_which_takes_over(desk: FrontDesk) -> None:
    old = desk.office.kid
    desk.office.clock.pass_(5)
    await make(desk, "new-1", name="First guess")
    await make(desk, "new-2", name="Second guess")
    await make(desk, "web-only", name="Only the web", platforms=["web"])
    await make(desk, "hash", name="Hash", purpose="hash_email")
    asked = (await desk.get(f"{AT}/rotate?kid={old}")).row("step-make")
    assert "Several keys were made since this one" in asked
    assert "Use Second guess Use First guess Make another key Use Only the web" in asked
    assert "Hash" not in asked
    chosen = await desk.get(f"{AT}/rotate?kid={old}&to=new-1")
    assert "First guess , made" in chosen.row("step-make")
    for wrong in ("hash", "nothing", old):
        assert "to be done now" in (await desk.get(f"{AT}/rotate?kid={old}&to={wrong}")).row("step-make")


async def test_a_key_that_was_there_before_is_not_taken_for_the_new_one(desk: FrontDesk) -> None:
    desk.office.clock.pass_(5)
    await make(desk, "newer")
    asked = (await desk.get(f"{AT}/rotate?kid=newer")).row("step-make")
    assert "Make the new key : to be done now" in asked
    assert "Use " in asked


async def test_the_steps_are_true_after_the_end_of_the_old_key_was_chosen(desk: FrontDesk) -> None:
    old, guide = desk.office.kid, f"{AT}/rotate?kid={desk.office.kid}"
    desk.office.clock.pass_(5)
    secret = secret_of(await make(desk, replaces=old))
    await desk.post(f"{AT}/key/retire", kid=old, wait=str(HOUR))
    unused = await desk.get(guide)
    assert "Make the new key : done" in unused.row("step-make")
    assert "to be done now" in unused.row("step-deploy")
    assert "The old key retires on" in unused.row("step-deploy")
    assert "Choose when the old key retires : done It retires on" in unused.row("step-retire")
    assert guide in html.unescape((await desk.get(AT)).text)

    await replace(desk.office, kid="acme-2027", secret=secret).signed("alice")
    await desk.office.signed("alice")
    await settled(desk.office.engine, desk.office.workspace_id)
    used = await desk.get(guide)
    assert "Watch the uses move : to be done now" in used.row("step-watch")
    assert "whoever still signs with it then is refused" in used.row("step-watch")
    assert "to be done later" in used.row("step-over")

    desk.office.clock.pass_(HOUR + 1)
    over = await desk.get(guide)
    assert [": done" in over.row(f"step-{one}") for one in ("make", "deploy", "watch", "retire", "over")] == [True] * 5


async def test_a_key_that_retires_soon_is_none_to_fall_back_upon(desk: FrontDesk) -> None:
    old = desk.office.kid
    desk.office.clock.pass_(5)
    await make(desk, "b", platforms=["web", "ios"])
    assert "Other live keys go on as before" in (await desk.get(f"{AT}/key/revoke?kid=b")).words
    await desk.post(f"{AT}/key/retire", kid=old, wait=str(HOUR))
    assert (await stored(desk))[old].state is KeyState.RETIRING

    page = await desk.get(f"{AT}/key?kid=b")
    assert "On the web and iOS there is no other live key either:" in page.words
    assert "once both are retired, nobody signed in gets through there" in page.words
    asked = (await desk.get(f"{AT}/key/revoke?kid=b")).words
    assert "go on as before" not in asked
    assert "There is no other live key on the web and iOS that goes on:" in asked
    assert "From then on nobody signed in gets through there until you make one" in asked
    assert "On Android there is no other live key" in (await desk.get(f"{AT}/key?kid={old}")).words

    desk.office.clock.pass_(DAY)
    assert "There is no other live key on the web and iOS:" in (await desk.get(f"{AT}/key/revoke?kid=b")).words


async def test_what_is_wrong_with_the_time_is_said_in_the_guide(desk: FrontDesk) -> None:
    desk.office.clock.pass_(5)
    await make(desk, "new", name="Backend 2027")
    end = {"kid": desk.office.kid, "wait": "at", "at": "1999-01-01T00:00"}
    shown = await desk.post(f"{AT}/key/retire", to="new", **end)
    assert shown.status == 400
    assert "Step by step" in shown.words
    assert "Backend 2027" in shown.row("step-make")
    assert f'hx-get="{desk.root}{AT}/rotate?kid={desk.office.kid}&amp;to=new"' in shown.text
    assert "Step by step" not in (await desk.post(f"{AT}/key/retire", **end)).words
