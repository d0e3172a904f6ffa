"""The pages hang together: links lead somewhere, every page is reached, nothing is claimed that nobody can look up."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import anchors, links, page, pages, prose, target
from tests.house.tree import ROOT

ROOMS = ("docs/tutorials/", "docs/how-to/", "docs/reference/", "docs/explanation/", "docs/decisions/")
DECISIONS = sorted(path for path in pages() if re.match(r"docs/decisions/\d", path))
# A figure of speed or size is only worth something with the command that shows it.
MEASURED = re.compile(r"\d\s*(?:(?:µs|ms|MiB|GiB)\b|(?:updates|requests|writes) a second|times (?:faster|as fast))")


@pytest.mark.parametrize("path", pages())
def test_every_link_leads_somewhere(path: str) -> None:
    broken = []
    for link in links(path):
        if re.match(r"(https?|mailto):", link):
            continue
        file, fragment = target(path, link)
        name = file.relative_to(ROOT).as_posix() if file.is_relative_to(ROOT) else ""
        if not file.is_file() or (fragment and fragment not in anchors(name)):
            broken.append(link)
    assert broken == []


def test_every_page_is_reached_from_the_readme() -> None:
    reached, ahead = set(), ["README.md"]
    while ahead:
        path = ahead.pop()
        if path in reached or path not in pages():
            continue
        reached.add(path)
        local = [link for link in links(path) if not re.match(r"\w+:", link)]
        ahead += [target(path, link)[0].relative_to(ROOT).as_posix() for link in local]
    assert set(pages()) - reached == set()


def test_the_index_which_is_the_menu_of_every_page_lists_each_page_once() -> None:
    listed = re.findall(r"^- \[[^\]]*\]\(([^)]+)\)", page("docs/README.md"), re.MULTILINE)
    assert len(listed) > 40
    assert sorted(listed) == sorted(set(listed))


def test_every_page_of_the_documentation_lives_in_a_room() -> None:
    homeless = [path for path in pages() if path.startswith("docs/") and not path.startswith(ROOMS)]
    assert homeless == ["docs/README.md"]


@pytest.mark.parametrize("path", pages())
def test_every_page_has_one_title(path: str) -> None:
    assert len(re.findall(r"^# \S", prose(path), re.MULTILINE)) == 1


def test_no_figure_stands_without_the_command_that_shows_it() -> None:
    for path in pages():
        for paragraph in prose(path).split("\n\n"):
            if MEASURED.search(paragraph):
                assert "make bench" in paragraph, f"{path}: {paragraph[:100]}"


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(path.removeprefix("docs/decisions/")[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("path", DECISIONS)
def test_a_decision_says_why_what_and_at_what_price(path: str) -> None:
    headings = re.findall(r"^#+ .+$", page(path), re.MULTILINE)
    number = int(path.removeprefix("docs/decisions/")[:4])
    assert headings[0].startswith(f"# {number}. ")
    assert headings[1:] == ["## Context", "## Decision", "## Consequence"]
    assert f"]({path.removeprefix('docs/decisions/')})" in page("docs/decisions/README.md")
