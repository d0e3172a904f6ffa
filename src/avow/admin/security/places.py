"""Where are the screens of Settings > Security, and which of them is this?"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from avow.admin.frame.visit import Visit
from avow.trust.words import Word


class Tab(Word):
    """The screens that stand side by side: what follows the address of Security."""

    KEYS = ""
    MESSENGER = "/messenger"
    POLICY = "/policy"
    CHECKER = "/checker"
    SAMPLES = "/samples"


PATH: Final = "/settings/security"
ACCESS_TOKENS: Final = "/settings/access-tokens"
_WORDS: Final = {
    Tab.KEYS: "Signing keys",
    Tab.MESSENGER: "Messenger security",
    Tab.POLICY: "Tokens and writes",
    Tab.CHECKER: "Token checker",
    Tab.SAMPLES: "Sign in your backend",
}

Tabs = tuple[tuple[str, str, bool], ...]


def address(visit: Visit, rest: str = "", **query: str) -> str:
    """The address of a screen, with a query; nothing secret is ever in one."""
    asked = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items() if value)
    return f"{visit.root}{PATH}{rest}" + (f"?{asked}" if asked else "")


def tabs(visit: Visit, here: Tab) -> Tabs:
    """All of them, and which is shown."""
    return tuple((words, address(visit, tab), tab is here) for tab, words in _WORDS.items())
