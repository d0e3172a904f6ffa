"""What the documentation tells a company to paste works as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.browser.cast import Cast, until

PAGE = Path(__file__).parents[2] / "docs/how-to/put-avow-on-your-site.md"
BLOCKS = dict(re.findall(r"```html (\S+)\n(.*?)```", PAGE.read_text(), re.DOTALL))


@pytest.mark.parametrize("name", sorted(BLOCKS))
def test_what_is_pasted_works(cast: Cast, name: str) -> None:
    cast.site.sign = lambda: cast.token(plan="pro")
    pasted = (
        BLOCKS[name]
        .replace("https://avow.example.com", cast.server.url)
        .replace("abcd1234", cast.made.workspace_id)
        .replace("TOKEN", cast.token(plan="pro"))
    )
    page, seen = cast.open(f"<!doctype html><html lang=en><title>Acme</title><body>{pasted}</body>")
    until(lambda: cast.values().get("plan") == "pro", page)
    assert (seen.errors, seen.console) == ([], [])


def test_there_is_something_to_paste() -> None:
    assert set(BLOCKS) == {"snippet", "get-token"}
