"""The lock's dialog counts what nobody vouched for, part by part, however many people there are."""

from __future__ import annotations

import html
import re

import pytest

from avow.flow.screens import leftovers
from avow.flow.team.roles import TeamRole
from tests.support.front_desk import FrontDesk, Shown

HERE = "/settings/data/people/lock"


def onward(shown: Shown) -> str | None:
    """The address that counts on."""
    found = re.search(r'id="unvouched" hx-get="([^"]+)"', shown.text)
    return html.unescape(found[1]) if found else None


async def test_a_count_goes_on_until_everybody_was_looked_at(desk: FrontDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "AMONG", 2)
    for number in range(5):
        await desk.office.browser(f"browser-{number}", phone=f"+49{number}")
    shown = await desk.get(f"{HERE}?name%5B%5D=phone")
    assert "2 stored values or more were never vouched for. Counted among the newest 2 people so far" in shown.words
    seen = []
    while address := onward(shown):
        shown = await desk.get(address)
        seen.append(
            re.search(r"\d+ stored values[\w ]* never vouched for\.( Counted among the newest \d+)?", shown.words)
        )
    assert [one and one[0].strip() for one in seen] == [
        "4 stored values or more were never vouched for. Counted among the newest 4",
        "5 stored values were never vouched for.",
    ]


async def test_where_everything_was_vouched_for_the_count_says_so_in_the_end(
    desk: FrontDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leftovers, "AMONG", 1)
    for number in range(2):
        await desk.office.signed(f"person-{number}", phone=f"+49{number}")
    shown = await desk.get(f"{HERE}?name%5B%5D=phone")
    assert "Some stored values may never have been vouched for." in shown.words
    while address := onward(shown):
        shown = await desk.get(address)
    assert "Every value that is stored was vouched for." in shown.words


@pytest.mark.parametrize(
    "query",
    [
        "",
        "before=6b04273cf946bd2864513756",
        "name%5B%5D=phone",
        "name%5B%5D=phone&before=",
        "name%5B%5D=phone&before=%27;--",
        "name%5B%5D=phone&before=6b04273cf946bd286451375%EF%BC%96",
    ],
)
async def test_what_is_no_count_is_refused(desk: FrontDesk, query: str) -> None:
    shown = await desk.get(f"{HERE}/count?{query}")
    assert (shown.status, "This is no count that was begun" in shown.words) == (400, True)


@pytest.mark.parametrize("number", ["-1", "1e9", "9" * 5000, "%D9%A3", "%3Cb%3E"])
async def test_numbers_that_nobody_counted_are_none(desk: FrontDesk, number: str) -> None:
    known = f"{HERE}/count?name%5B%5D=phone&before=6b04273cf946bd2864513756"
    shown = await desk.get(f"{known}&values={number}&among={number}")
    assert (shown.status, "Every value that is stored was vouched for." in shown.words) == (200, True)


async def test_writes_of_callers_who_proved_nothing_are_told_before_a_lock(desk: FrontDesk) -> None:
    await desk.office.forged("mallory", phone="+491")
    await desk.office.forged("mallory", phone="+492")
    await desk.settle()
    shown = await desk.get(f"{HERE}?name%5B%5D=phone")
    assert "2 unsigned claims of callers who had not proven whom they speak about came" in shown.words
    assert "Nobody wrote it unsigned" not in shown.words
    shown = await desk.get(f"{HERE}?name%5B%5D=name")
    assert "Nobody wrote it unsigned in the last 7 days." in shown.words


async def test_who_may_not_lock_may_not_count(desk: FrontDesk) -> None:
    reader = await desk.as_role(TeamRole.READ_ONLY)
    assert (await reader.get(f"{HERE}/count?name%5B%5D=phone&before=6b04273cf946bd2864513756")).status == 403


async def test_what_an_adoption_has_put_aside_is_not_counted_as_if_it_stood(desk: FrontDesk) -> None:
    """The dialog and a person's page tell the same of her value: it is held."""
    office = desk.office
    await office.policy(may_create="anyone")
    for name, value in {"alice": "a lot", "bob": "7", "erin": "8"}.items():
        await office.browser(name, seats=value)
    office.clock.pass_(5)
    await office.signed("dave", seats=5)
    shown = await desk.get(f"{HERE}?name%5B%5D=seats")
    assert "2 stored values were never vouched for." in shown.words
    locked = await desk.follow(await desk.post(HERE, name=["seats"], leftovers="hold"))
    assert "2 values wait" in locked.words, "as many as were counted"
