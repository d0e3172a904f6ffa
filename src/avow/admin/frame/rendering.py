"""How does a reply become a page? Templates with everything escaped, in the viewer's zone and colours.

- A template is handed `visit` (None before somebody is signed in), `it` (what the screen shows, a frozen struct),
  `known` (the browser), and the words and pictures of `words.py`, `icons.py` and `files.py`. Nothing else.
- No text turns its line round: `direction.py` looks at every page before it leaves.
- What is not there is a mistake, never an empty place (`StrictUndefined`).

Source: house.md ("server-rendered, strict CSP").
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from avow.admin.frame import direction, files, icons, navigation, words
from avow.admin.frame.visit import Browser, Page, Visit
from avow.errors import AvowError, RateLimited
from avow.web.errors import STATUS, when_to_come_back
from avow.web.pages.headers import PAGE
from avow.web.responses import Answer, Header

TEMPLATES: Final = Path(__file__).parent.parent / "templates"

_environment: Final = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
del _environment.filters["truncate"]  # it drops a last word however long: all of a name but its first letters
_environment.globals |= {"icon": icons.icon, "file": files.address, "htmx_config": files.HTMX_CONFIG}
_environment.filters |= {
    "number": words.number,
    "percent": words.percent,
    "plural": words.plural,
    "cut": words.cut,
    "channel": words.channel,
    "kind": words.kind,
    "action": words.action,
}


def page(reply: Page, visit: Visit, headers: tuple[Header, ...]) -> Answer:
    """A page of somebody who is signed in."""
    shown: dict[str, Any] = {
        "visit": visit,
        "known": visit.browser,
        "it": reply.it,
        "title": reply.title,
        "fault": visit.fault,
        "menu": navigation.menu(visit),
        "when": partial(words.when, zone=visit.browser.zone),
        "ago": partial(words.ago, zone=visit.browser.zone, now=visit.now),
        "day": partial(words.day, zone=visit.browser.zone),
    }
    body = _environment.get_template(reply.template).render(shown)
    return Answer(reply.status, direction.shown(body).encode("utf-8", "replace"), (*PAGE, *headers))


def bare(
    template: str, title: str, known: Browser, it: Any = None, status: int = 200, headers: tuple[Header, ...] = ()
) -> Answer:
    """A page of somebody who is not signed in (yet)."""
    body = _environment.get_template(template).render(visit=None, known=known, it=it, title=title, fault=None)
    return Answer(status, direction.shown(body).encode("utf-8", "replace"), (*PAGE, *headers))


def fault(error: AvowError | None, known: Browser, request_id: str) -> Answer:
    """A page that says what went wrong; None is what nobody foresaw."""
    status = 500 if error is None else status_of(error)
    title, advice = words.fault(status)
    text = error.message if error is not None else "It has been noted. Quote the number below when you report it."
    it = {"status": status, "title": title, "text": text, "advice": advice, "request_id": request_id}
    return bare("fault.html", title, known, it, status, retry_after(error))


def status_of(error: AvowError) -> int:
    """The status of an error, as everywhere (`web/errors.py`)."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def retry_after(error: AvowError | None) -> tuple[Header, ...]:
    """When to try again, where an error says so."""
    return tuple(when_to_come_back(error)) if isinstance(error, RateLimited) else ()


def names() -> list[str]:
    """Every template, for tests."""
    return sorted(_environment.list_templates(extensions=["html"]))
