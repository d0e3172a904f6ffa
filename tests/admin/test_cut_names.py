"""What is too long for its place is cut, and so much of it is shown as there is room for."""

from __future__ import annotations

import re

import pytest

from avow.admin.frame.words import cut
from tests.support.front_desk import FrontDesk

LATER = "\u0628" * 100


@pytest.mark.parametrize("first", ["\u0645\u0631\u062d\u0628\u0627", "Al", "", "x" * 59])
def test_a_long_last_word_is_cut_and_not_dropped(first: str) -> None:
    told = cut(f"{first} {LATER}", 60)
    assert len(told) in (59, 60)
    assert told.endswith("\u2026")
    assert f"{first} {LATER}".startswith(told[:-1])


@pytest.mark.parametrize("text", ["", "Alice", "x" * 60])
def test_what_has_room_stays_as_it_is(text: str) -> None:
    assert cut(text, 60) == text


async def test_a_person_of_a_long_name_is_known_by_it_wherever_she_is_listed(desk: FrontDesk) -> None:
    name = f"\u0645\u0631\u062d\u0628\u0627 {LATER}"
    await desk.office.signed("alice", name=name)
    contact = f"/people/{(await desk.office.known('alice')).id}"
    for path in ("/people", f"{contact}/edit", f"{contact}/erase"):
        assert f"{name[:59]}\u2026" in (await desk.get(path)).words, path
    assert name in (await desk.get(contact)).words


async def test_an_address_in_the_list_breaks_behind_its_at_sign(desk: FrontDesk) -> None:
    await desk.office.signed("alice", name="Alice", email="greta.friedrichsen@driftwoodhotels.example")
    row = (await desk.get("/people")).text
    assert re.search(r"<bdi>greta\.friedrichsen@<wbr>driftwoodhotels\.example</bdi>", row)
