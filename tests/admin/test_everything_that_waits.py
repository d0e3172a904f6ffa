"""Everything that waits for a decision on an attribute is found, whatever noise came after it."""

from __future__ import annotations

import html
import re

import pytest

from avow.flow.screens import one_attribute, waiting
from avow.flow.team.roles import TeamRole
from avow.trust.attribute import Enforcement
from tests.support.front_desk import FrontDesk

PEOPLE = "/settings/data/people"


async def held_page(desk: FrontDesk, name: str) -> str:
    return f"{PEOPLE}/{(await one_attribute.find(desk.office.engine, desk.office.workspace_id, name)).id}/held"


async def test_noise_on_one_attribute_hides_nothing_that_waits_on_another(
    desk: FrontDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.office.forged("bob", email="bob@customer.example")
    await desk.post(f"{PEOPLE}/lock", name=["email", "phone"], leftovers="hold")
    monkeypatch.setattr(one_attribute, "LOOKED_AT", 3)
    desk.office.clock.pass_(60)
    for number in range(5):
        await desk.office.forged(f"mallory-{number}", phone="+1900")
    page = await held_page(desk, "email")
    about = await desk.get(page.removesuffix("/held"))
    assert "bob@customer.example" not in about.words
    assert "Nothing ignored lately waits for a decision" in about.words
    assert f'href="{desk.root}{page}"' in about.text
    assert "bob@customer.example" in (await desk.get(page)).words


async def test_it_goes_on_through_everybody(desk: FrontDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.office.enforce("phone", Enforcement.LOCKED)
    for number in range(7):
        await desk.office.browser(f"user-{number}", phone=f"+49{number}")
        await desk.office.browser(f"other-{number}", name="Nobody")
        desk.office.clock.pass_(1)
    monkeypatch.setattr(waiting, "AT_MOST", 4)
    shown, found = await desk.get(await held_page(desk, "phone")), list[str]()
    for looked in (4, 8, 12, 14):
        assert f"among {looked} people" in shown.words
        found += re.findall(r"<strong>(?:<bdi>)?(\+49\d)", shown.text)
        onward = re.search(r'id="go-on" href="([^"]+)"', shown.text)
        if onward is None:
            break
        shown = await desk.get(html.unescape(onward[1]))
    assert "That is everybody." in shown.words
    assert sorted(found) == [f"+49{number}" for number in range(7)]


async def test_a_decision_leads_back_to_the_same_part(desk: FrontDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.office.enforce("phone", Enforcement.LOCKED)
    for number in range(5):
        await desk.office.browser(f"user-{number}", phone=f"+49{number}")
        desk.office.clock.pass_(1)
    monkeypatch.setattr(waiting, "AT_MOST", 2)
    page = await held_page(desk, "phone")
    onward = re.search(r'id="go-on" href="([^"]+)"', (await desk.get(page)).text)
    assert onward
    second = await desk.get(html.unescape(onward[1]))
    (place,) = set(re.findall(r'name="from" value="([^"]+)"', second.text))
    first, other = re.findall(r'name="held" value="([^"]+)"', second.text)
    one = await desk.post(page, held=first, decision="accept", **{"from": place})
    many = await desk.post(page.replace("/held", "/accept-all"), held=[other], **{"from": place})
    assert one.location == many.location == html.unescape(onward[1])
    newest = re.findall(r'name="held" value="([^"]+)"', (await desk.get(page)).text)
    elsewhere = await desk.post(page, held=newest[0], decision="discard", **{"from": "held.x.2"})
    assert elsewhere.location == desk.root + page.removesuffix("/held")


async def test_while_nothing_is_found_the_address_is_replaced_and_only_the_part_renewed(
    desk: FrontDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        await desk.office.browser(f"user-{number}", name="Nobody")
    monkeypatch.setattr(waiting, "AT_MOST", 2)
    shown = await desk.get(await held_page(desk, "phone"))
    assert "Nothing so far." in shown.words
    link = re.search(r'<a [^>]*id="go-on"[^>]*>', shown.text)
    assert link
    assert 'hx-replace-url="true"' in link[0]
    assert 'hx-target="#waits"' in link[0]
    assert "hx-push-url" not in link[0]


async def test_one_is_accepted_there_and_the_list_stays(desk: FrontDesk) -> None:
    await desk.office.enforce("phone", Enforcement.LOCKED)
    for name in ("alice", "bob"):
        await desk.office.browser(name, phone=f"+49 {name}")
    page = await held_page(desk, "phone")
    alice = await desk.office.known("alice")
    held = (await desk.office.holding("alice", "phone")).held
    assert held is not None
    sent = await desk.post(page, held=f"{alice.id}:{held.version}", decision="accept", **{"from": "held"})
    assert sent.location == desk.root + page
    shown = await desk.follow(sent)
    assert ("+49 bob" in shown.words, "+49 alice" in shown.words) == (True, False)
    assert (await desk.office.holding("alice", "phone")).value == "+49 alice"


async def test_who_may_not_edit_sees_it_without_buttons(desk: FrontDesk) -> None:
    await desk.office.enforce("phone", Enforcement.LOCKED)
    await desk.office.browser("alice", phone="+49 alice")
    reader = await desk.as_role(TeamRole.READ_ONLY)
    shown = await reader.get(await held_page(desk, "phone"))
    assert ("+49 alice" in shown.words, "Accept" in shown.words, "Discard" in shown.words) == (True, False, False)


@pytest.mark.parametrize("before", ["x", "%27", "6b04273cf946bd28645137566", "%00"])
async def test_what_is_no_place_to_go_on_is_nothing_here(desk: FrontDesk, before: str) -> None:
    assert (await desk.get(f"{await held_page(desk, 'phone')}?before={before}")).status in (400, 404)
