"""The rotation: make the new key, deploy it, watch the uses move, retire the old one, and nobody is refused on the way.

- Where it stands is read from the two keys and their uses, so that it can be left and come back to, by anybody.
- The new key is the one that the address names; without one, the only key that was made since the old one and can do
  all the same. Where there are several, the guide asks which: nobody is led to make a second one unasked.
"""

from __future__ import annotations

from typing import Final

import msgspec

from avow.admin.frame.charts import Chart
from avow.admin.frame.visit import Page, Visit
from avow.admin.security import key
from avow.admin.security.key import WAITS, uses
from avow.admin.security.places import address
from avow.admin.security.samples import sample
from avow.errors import BadInput
from avow.flow.screens import keys
from avow.flow.screens.keys import Row
from avow.flow.team.roles import May
from avow.trust.keys import KeyState

QUIET: Final = 86_400
"""For how long (seconds) the old key must not have been used, that it is called quiet."""


class Step(msgspec.Struct, frozen=True):
    """One step. `stage` is done, next or later."""

    part: str
    title: str
    stage: str


class Shown(msgspec.Struct, frozen=True):
    """What stands on the screen. `new` is None until there is a key that takes over; `found`: nobody said it does.

    `likely` are the keys that may have been made for it, `others` those that could do it besides.
    """

    old: Row
    new: Row | None
    found: bool
    likely: tuple[Row, ...]
    others: tuple[Row, ...]
    steps: tuple[Step, ...]
    chart: Chart | None
    sample: str
    is_quiet: bool
    may_manage: bool
    address: str
    waits: tuple[tuple[str, str], ...] = WAITS


async def show(visit: Visit) -> Page:
    """The guide."""
    raw_kid, raw_to = visit.form.get("kid") or visit.query.get("kid"), visit.form.get("to") or visit.query.get("to")
    rows = await keys.every(visit.engine, visit.workspace_id)
    old = next((row for row in rows if row.key.kid == raw_kid), None)
    if old is None:
        raise BadInput("No key is named that could be exchanged. Choose one from the list.", field="kid")
    likely = keys.followers(rows, old)
    named = next((row for row in rows if row.key.kid == raw_to and keys.may_follow(row, old)), None)
    found = likely[0] if named is None and len(likely) == 1 and not visit.query.get("choose") else None
    new = named or found
    it = Shown(
        old,
        new,
        found is not None,
        tuple(likely),
        tuple(row for row in rows if keys.may_follow(row, old) and row not in likely),
        _steps(old, new, visit.now),
        uses(visit, [old, new]) if new is not None else None,
        sample("python", new.key.kid) if new is not None else "",
        is_quiet(old, visit.now),
        visit.may(May.MANAGE_KEYS),
        address(visit),
    )
    return Page("security/rotate.html", f"Rotate {old.key.name}", it)


async def show_where_asked(visit: Visit) -> Page:
    """The page on which the end of a key was chosen: the guide where it names a new key, else the key's own page."""
    return await (show if visit.form.get("to") else key.show)(visit)


def is_quiet(old: Row, now: float) -> bool:
    """Whether nobody signs with it any more, as far as can be seen."""
    return old.last_used_at is None or now - old.last_used_at >= QUIET


def _steps(old: Row, new: Row | None, now: float) -> tuple[Step, ...]:
    deployed = new is not None and new.last_used_at is not None
    ended = old.state in (KeyState.RETIRED, KeyState.REVOKED)
    done = {
        "make": new is not None,
        "deploy": deployed,
        "watch": deployed and (is_quiet(old, now) or ended),
        "retire": old.state is not KeyState.LIVE,
        "over": ended,
    }
    titles = {
        "make": "Make the new key",
        "deploy": "Let your backends sign with it",
        "watch": "Watch the uses move",
        "retire": "Choose when the old key retires",
        "over": "The old key is revoked" if old.state is KeyState.REVOKED else "The old key is retired",
    }
    following = next((part for part, is_done in done.items() if not is_done), None)
    return tuple(
        Step(part, title, "done" if done[part] else "next" if part == following else "later")
        for part, title in titles.items()
    )
