"""Whoever pastes a block has its variables: the page has set them, or said what they are, where a reader sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.docs.pages import blocks, page, pages
from tests.docs.shell import commands

EVERYWHERE = {"HOME", "PATH", "PWD", "USER"}
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def used(path: str) -> Iterator[tuple[str, int, str]]:
    """Every variable of a page's shell blocks and of its programs' environment: its name, its line, what was visible
    before it.
    """
    text = page(path)
    for block in blocks(path):
        found = {
            "": r"\$\{?([A-Za-z_]\w*)",
            "console": r"\$\{?([A-Za-z_]\w*)",
            "python": r"os\.environ\[\"(\w+)\"\]",
            "javascript": r"process\.env\.(\w+)",
        }.get(block.language)
        if found is None:
            continue
        typed = [one.typed for one in commands(block.text)] if block.language == "console" else [block.text]
        start = sum(len(line) for line in text.splitlines(keepends=True)[: block.line])
        for one in re.finditer(found, block.text):
            if any(one[0] in command for command in typed):
                before = _COMMENT.sub("", text[: start + one.start()])
                yield one[1], block.line + block.text.count("\n", 0, one.start()) + 1, before


def is_explained(name: str, before: str) -> bool:
    return bool(re.search(rf"(?<![\w$-]){name}=|\bfor {name} in\b|\bread (-\w+ )*{name}\b|`\$?{name}`", before))


@pytest.mark.parametrize("path", pages())
def test_no_example_uses_a_variable_that_its_reader_has_not(path: str) -> None:
    unknown = [
        f"{path}:{line}: {name}"
        for name, line, before in used(path)
        if name not in EVERYWHERE and not is_explained(name, before)
    ]
    assert unknown == []


@pytest.mark.parametrize(
    ("before", "has"),
    [
        ("$ KID=$(avow key list)", True),
        ("`$KID` is the key", True),
        ("`KID` is the key", True),
        ("$ for KID in a b; do", True),
        ("$ avow sign --kid", False),
        ("$ MY_KID=1", False),
    ],
)
def test_what_counts_as_an_explanation_is_what_a_reader_would_take_for_one(before: str, has: bool) -> None:
    assert is_explained("KID", before) is has
