"""Whoever types what the manual, a message or a screen says finds a command that there is."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.core
import typer.main

from avow.cli.main import app
from avow.manual import shelf
from avow.manual.openapi import document

_INLINE = re.compile(r"`(avow(?: [^`]*)?)`")
_BLOCK = re.compile(r"^```(?:sh|bash|shell|console|text)?[^\n`]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_TYPED = re.compile(r"^(?:\$ |sudo |\w+=\S+ )*(avow [a-z-].*)$", re.MULTILINE)
_SAID = re.compile(r"(?<![\w./-])avow(?: [a-z][a-z-]*)+")
"""A command in the middle of a text."""
_NO_COMMAND = {"avow checkpoint"}
"""How a checkpoint's file begins."""
_AVOW = typer.main.get_command(app)
_ROOT = Path(__file__).parents[2]
_WORD = re.compile(r"[a-z][a-z-]*")


def fault_of(quoted: str) -> str | None:
    """What is not there in a command as it is quoted: a name that no group has."""
    group: Any = _AVOW
    for word in quoted.split()[1:]:
        if not isinstance(group, typer.core.TyperGroup) or not _WORD.fullmatch(word):
            return None
        if word not in group.commands:
            return word
        group = group.commands[word]
    return None


def quoted(text: str) -> Iterator[str]:
    yield from _INLINE.findall(text)
    for block in _BLOCK.findall(text):
        yield from _TYPED.findall(block)


def test_a_command_that_there_is_not_is_noticed() -> None:
    assert fault_of("avow access-token make") == "make"
    assert fault_of("avow acess-token create --scope x") == "acess-token"
    assert [fault_of(one) for one in ("avow", "avow --version", "avow key list", "avow check TOKEN")] == [None] * 4


def test_every_command_that_the_description_of_the_addresses_names_exists() -> None:
    found = list(_INLINE.findall(json.dumps(document(), ensure_ascii=False)))
    assert found, "the description says where access tokens come from"
    assert [one for one in found if fault_of(one)] == []


@pytest.mark.parametrize("name", sorted(name for name in shelf.names() if name.endswith(".md")))
def test_every_command_that_a_page_names_exists(name: str) -> None:
    assert [one for one in quoted(shelf.text(name)) if fault_of(one)] == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "deploy/README.md"])
def test_every_command_that_is_named_beside_the_manual_exists(page: str) -> None:
    assert [one for one in quoted((_ROOT / page).read_text(encoding="utf-8")) if fault_of(one)] == []


def said(path: Path) -> Iterator[str]:
    """The texts of a file that somebody may get to read: of a program its strings."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield text
    elif "avow " in text:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_every_command_that_a_message_a_screen_or_a_sample_names_exists() -> None:
    files = [one for one in (_ROOT / "src/avow").rglob("*") if one.suffix in (".py", ".html", ".txt", ".js")]
    named = {one for file in files for text in said(file) for one in _SAID.findall(text)} - _NO_COMMAND
    assert {"avow init", "avow key make", "avow settings"} <= named
    assert sorted(one for one in named if fault_of(one)) == []
