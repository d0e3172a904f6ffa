"""How does a backend sign? The same few lines in six languages, with this workspace's key named in them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import msgspec

from avow.admin.frame.visit import Page, Visit
from avow.admin.security.places import Tab, Tabs, address, tabs
from avow.flow.screens import keys
from avow.flow.screens.keys import Row
from avow.trust.keys import Algorithm

FOLDER: Final = Path(__file__).parent.parent / "templates" / "samples"
LANGUAGES: Final = {
    "python": "Python",
    "pyjwt": "Python, PyJWT",
    "node": "Node.js",
    "ruby": "Ruby",
    "php": "PHP",
    "go": "Go",
    "java": "Java",
}
"""File → what it is called."""
UNNAMED: Final = "YOUR_KEY_ID"
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.:-]+")
_TEXTS: Final = {name: (FOLDER / f"{name}.txt").read_text(encoding="utf-8") for name in LANGUAGES}


class Shown(msgspec.Struct, frozen=True):
    """What stands on the screen. `kid` is the key that the sample names; None: there is none yet."""

    tabs: Tabs
    languages: tuple[tuple[str, str, bool], ...]
    language: str
    kid: str | None
    kids: tuple[str, ...]
    is_shared: bool
    sample: str
    snippet: str


async def show(visit: Visit) -> Page:
    """The screen."""
    rows = [row for row in await keys.every(visit.engine, visit.workspace_id) if row.usable and row.for_tokens]
    chosen = _chosen(rows, visit.query.get("kid"))
    raw_language = visit.query.get("in") or ""
    language = raw_language if raw_language in LANGUAGES else "python"
    kid = None if chosen is None else chosen.key.kid
    it = Shown(
        tabs(visit, Tab.SAMPLES),
        tuple(
            (words, address(visit, Tab.SAMPLES, **{"in": name, "kid": visit.query.get("kid") or ""}), name == language)
            for name, words in LANGUAGES.items()
        ),
        language,
        kid,
        tuple(row.key.kid for row in rows),
        chosen is None or chosen.key.algorithm is Algorithm.HS256,
        sample(language, kid),
        snippet(visit),
    )
    return Page("security/samples.html", "Sign in your backend", it)


def sample(language: str, kid: str | None) -> str:
    """A sample, with the key's name in it where that is plain enough to stand between quotes of any language."""
    named = kid if kid is not None and _PLAIN.fullmatch(kid) else UNNAMED
    return _TEXTS[language].replace(UNNAMED, named)


def snippet(visit: Visit) -> str:
    """What a page carries."""
    return f"""\
<script>
  window.intercomSettings = {{
    app_id: "{visit.workspace_id}",
    intercom_user_jwt: "THE TOKEN FROM YOUR BACKEND"
  }};
</script>
<script src="{visit.browser.base}/widget/{visit.workspace_id}" async></script>
"""


def _chosen(rows: list[Row], raw_kid: str | None) -> Row | None:
    named = [row for row in rows if row.key.kid == raw_kid]
    return named[0] if named else rows[0] if rows else None
