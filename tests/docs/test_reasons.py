"""Every reason has its page, the page names its check, and its example is what a server really answers."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from avow.trust.reasons import Reason
from avow.trust.token_checks.numbers import REASONS_OF
from tests.docs import situations_of_requests, situations_of_values
from tests.docs.matching import difference
from tests.docs.pages import blocks, page, pages
from tests.docs.situations import IN_A_PLAIN_PLACE, IN_A_STRICT_PLACE, NOT_IN_THIS_VERSION, PLAIN, STRICT, prepare
from tests.support.place import open_place

FOLDER = "docs/reference/reasons/"
HEADINGS = ["## What happened", "## What to do", "## Example"]
# The checks of values have no table in the code: their numbers stand in comments beside each check.
OF_A_VALUE = {
    "D1": {Reason.INVALID_NAME, Reason.RESERVED_NAME, Reason.DUPLICATE_NAME, Reason.NOT_SUPPORTED},
    "D2": {Reason.UNKNOWN_ATTRIBUTE, Reason.ATTRIBUTE_LIMIT},
    "D3": {Reason.ARCHIVED},
    "D4": {Reason.TYPE_MISMATCH, Reason.TOO_LONG, Reason.NOT_AN_OPTION},
    "D5": {Reason.SUPERSEDED_BY_SIGNED},
    "D6": {Reason.UNVERIFIED, Reason.WOULD_IGNORE, Reason.BOT_EXEMPT},
    "D7": {Reason.STALE, Reason.UNDATED},
    "D8": {Reason.ALREADY_KNOWN},
}
assert situations_of_requests, situations_of_values  # importing them enters what they hold
CHECKS = OF_A_VALUE | {str(number): set(reasons) for number, reasons in REASONS_OF.items()}


def checks_of(reason: Reason) -> set[str]:
    return {number for number, reasons in CHECKS.items() if reason in reasons}


def path_of(reason: Reason) -> str:
    return f"{FOLDER}{reason}.md"


def test_every_reason_has_a_page_and_no_page_is_without_a_reason() -> None:
    named = {Path(path).stem for path in pages() if path.startswith(FOLDER)}
    assert named == {str(reason) for reason in Reason} | {"README"}


def test_every_reason_stands_in_the_list_once() -> None:
    listed = re.findall(r"^\| \[`(\w+)`\]\((\w+)\.md\) \|", page(f"{FOLDER}README.md"), re.MULTILINE)
    assert sorted(listed) == sorted((str(reason), str(reason)) for reason in Reason)


@pytest.mark.parametrize("reason", Reason)
def test_the_page_of_a_reason_names_its_check(reason: Reason) -> None:
    told = re.search(r"^- \*\*Check:\*\* (.+)$", page(path_of(reason)), re.MULTILINE)
    assert told, "a page says which check it belongs to"
    assert set(re.findall(r"\b[VD]\d+\b", told[1])) == checks_of(reason)


@pytest.mark.parametrize("number", CHECKS)
def test_the_reference_names_the_reasons_of_every_check(number: str) -> None:
    room = "docs/reference/tokens.md" if number.startswith("V") else "docs/reference/data-model.md"
    row = re.search(rf"^\| {number} \|.*$", page(room), re.MULTILINE)
    assert row, f"{room} has no row for {number}"
    assert set(re.findall(r"\[`(\w+)`\]\(reasons/", row[0])) == {str(reason) for reason in CHECKS[number]}


@pytest.mark.parametrize("reason", Reason)
def test_the_page_of_a_reason_says_what_happened_and_what_to_do(reason: Reason) -> None:
    text = page(path_of(reason))
    assert text.startswith(f"# `{reason}`\n")
    assert re.findall(r"^## .+$", text, re.MULTILINE) == HEADINGS
    for told in ("Check", "Effect", "Who sees it"):
        assert f"\n- **{told}:** " in text
    assert all(part.strip() for part in re.split(r"^## .+$", text, flags=re.MULTILINE))


@pytest.mark.parametrize("reason", sorted(NOT_IN_THIS_VERSION))
def test_a_reason_that_nothing_gives_yet_says_so(reason: Reason) -> None:
    assert "This version" in page(path_of(reason))
    assert blocks(path_of(reason)) == []


def test_every_other_reason_comes_about_somehow() -> None:
    assert IN_A_PLAIN_PLACE.keys() | IN_A_STRICT_PLACE.keys() == set(Reason) - NOT_IN_THIS_VERSION


async def test_every_example_is_what_a_server_answers(tmp_path: Path) -> None:
    wrong: dict[str, Any] = {}
    async with open_place(tmp_path) as place:
        await prepare(place)
        for policy, situations in ((PLAIN, IN_A_PLAIN_PLACE), (STRICT, IN_A_STRICT_PLACE)):
            await place.policy(**policy)
            await asyncio.sleep(1.1)  # until the server has confirmed its rules anew
            for reason, situation in situations.items():
                answered = await situation(place)
                (example,) = blocks(path_of(reason))
                if found := difference(json.loads(example.text), answered, {}):
                    wrong[reason] = found
    assert wrong == {}
