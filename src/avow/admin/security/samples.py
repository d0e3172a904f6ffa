"""How does a backend sign? The same few lines in six languages, with this workspace's key named in them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import msgspec

from avow.admin.frame.visit import Page, Visit
from avow.admin.security.places import Tab, Tabs, address, tabs
from avow.flow.screens import keys
from avow.trust.keys import Algorithm, SigningKey

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
    rows = await keys.every(visit.engine, visit.workspace_id)
    found = keys.for_signing([row.key for row in rows], visit.now)
    chosen = _chosen(found, visit.query.get("kid"))
    raw_language = visit.query.get("in") or ""
    language = raw_language if raw_language in LANGUAGES else "python"
    kid = None if chosen is None else chosen.kid
    it = Shown(
        tabs(visit, Tab.SAMPLES),
        tuple(
            (words, address(visit, Tab.SAMPLES, **{"in": name, "kid": visit.query.get("kid") or ""}), name == language)
            for name, words in LANGUAGES.items()
        ),
        language,
        kid,
        tuple(key.kid for key in found),
        chosen is None or chosen.algorithm is Algorithm.HS256,
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


def _chosen(found: list[SigningKey], raw_kid: str | None) -> SigningKey | None:
    named = [key for key in found if key.kid == raw_kid]
    return named[0] if named else found[0] if found else None
