"""Where is a page found, and where does a link on it lead? Names below `docs/` ↔ addresses below `/docs/`.

- `reference/reasons/unverified.md` is `/docs/reasons/unverified`, short enough for a log line; its folder's list is
  `/docs/reasons/`. Every other page is found under its name, and a folder's `README.md` under the folder.
- A link to what is not shipped (the project's own README) leads nowhere: it is shown as text.
"""

from __future__ import annotations

import re
from posixpath import dirname, join, normpath
from typing import Final

from avow.manual.shelf import ERRORS, REASONS, errors, names

ROOT: Final = "/docs/"
API: Final = "/docs/api"
OPENAPI: Final = "/openapi.json"
FAVICON: Final = "/favicon.ico"
_OUTSIDE: Final = re.compile(r"(?:https?|mailto):")


def address_of(name: str) -> str:
    """The address of a page or picture."""
    short = f"reasons/{name.removeprefix(REASONS)}" if name.startswith(REASONS) else name
    return ROOT + short.removesuffix("README.md").removesuffix(".md")


def name_at(rest: str) -> str | None:
    """The page at `/docs/<rest>`, or None."""
    long = f"{REASONS}{rest.removeprefix('reasons/')}" if rest.startswith("reasons/") else rest
    for name in (long, f"{long}.md", f"{long}README.md"):
        if name in names() and address_of(name) == ROOT + rest:
            return name
    return None


def moved_to(rest: str) -> str | None:
    """Where somebody meant to go who wrote another form of an address: the page's name, or no slash at the end.

    A browser's script links every code below `reasons/`: one that is an error of another kind stands in their table.
    """
    if rest.removeprefix("reasons/") in errors() and rest.startswith("reasons/"):
        return f"{address_of(ERRORS)}#codes"
    for name in (rest, f"{rest}.md", f"{rest}/README.md", f"{REASONS}README.md" if rest == "reasons" else rest):
        if name in names() and name.endswith(".md") and address_of(name) != ROOT + rest:
            return address_of(name)
    return None


def target(name: str, link: str) -> str | None:
    """Where `link` on the page `name` leads; None where nothing is served there."""
    if _OUTSIDE.match(link):
        return link
    file, _, fragment = link.partition("#")
    there = normpath(join(dirname(name), file)) if file else name
    if there not in names():
        return None
    return address_of(there) + (f"#{fragment}" if fragment else "") if file else f"#{fragment}"


def section(method: str, path: str) -> str:
    """The fragment by which an operation is found on the API's page."""
    return re.sub(r"[^a-z0-9_]+", "-", f"{method} {path}".lower()).strip("-")
