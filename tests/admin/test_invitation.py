"""An invitation's link, as the person who opens it sees it."""

from __future__ import annotations

from avow.flow.team import teammates
from tests.flow.team.test_teammates import OTTO, invited
from tests.support.front_desk import PASSWORD, FrontDesk


async def test_it_names_who_invites_whom_as_what(desk: FrontDesk) -> None:
    shown = await desk.stranger().get(f"/app/invitation/{await invited(desk)}")
    assert "Join Acme" in shown.words
    assert f"olive@acme.example invites {OTTO} as Admin" in shown.words


async def test_who_takes_it_up_is_in(desk: FrontDesk) -> None:
    otto = desk.stranger()
    shown = await otto.post(f"/app/invitation/{await invited(desk)}", name="Otto", password=PASSWORD)
    page = await otto.follow(shown)
    assert "Overview" in page.title
    assert "Otto" in page.words


async def test_what_is_wrong_is_told_at_its_field_and_the_link_still_leads_in(desk: FrontDesk) -> None:
    otto, address = desk.stranger(), f"/app/invitation/{await invited(desk)}"
    for fields, told in (
        ({"name": " ", "password": PASSWORD}, "The name is not usable"),
        ({"name": "Otto", "password": "short"}, "use at least 12"),
    ):
        shown = await otto.post(address, **fields)
        assert shown.status == 400
        assert told in shown.words
        assert "short" not in shown.text
    assert (await otto.post(address, name="Otto", password=PASSWORD)).location == "/app"


async def test_a_link_that_leads_nowhere_says_what_to_do(desk: FrontDesk) -> None:
    shown = await desk.stranger().get("/app/invitation/nothing")
    assert shown.status == 404
    assert "Ask whoever invited you for another." in shown.words


async def test_another_site_cannot_take_it_up(desk: FrontDesk) -> None:
    text = await invited(desk)
    shown = await desk.stranger().post(
        f"/app/invitation/{text}", headers={"origin": "https://mallory.example"}, name="Otto", password=PASSWORD
    )
    assert shown.status == 403
    assert await teammates.invitation_of(desk.office.engine.store, text, desk.office.clock.now)
