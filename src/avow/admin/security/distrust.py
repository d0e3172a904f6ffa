"""A key was in other hands: what did it vouch for since? Told first, as a dry run; then taken back, step by step.

One answer looks at a bounded number of records. What is not done yet goes on by itself as long as the page is open;
whoever closes it begins again later, and what was done stays done. Source: spec §4 "Keys" (distrust).
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Final

import msgspec

from avow.admin.frame.toasts import Toast
from avow.admin.frame.visit import Page, Reply, SeeOther, Visit
from avow.admin.frame.words import plural
from avow.admin.security.places import address
from avow.errors import BadInput
from avow.flow import distrust
from avow.flow.distrust import Step
from avow.flow.screens import keys
from avow.flow.screens.keys import Row
from avow.flow.team.roles import May
from avow.trust.weighing.distrust import Fall

MOST_RECORDS: Final = 1_000
LISTED: Final = 20
WORDS: Final = {
    Fall.RESTORED: ("value gives way", "values give way", "to what was vouched for before"),
    Fall.OFFERED: (
        "value stays as it is,",
        "values stay as they are,",
        "unverified, beside what was vouched for before",
    ),
    Fall.UNVERIFIED: (
        "value stays as it is,",
        "values stay as they are,",
        "unverified: nobody had vouched before that",
    ),
    Fall.DATE_LOWERED: ("value stays", "values stay", "verified, dated back to before"),
    Fall.HELD_DOUBTED: ("held value is", "held values are", "nobody's claim any more"),
}
"""What becomes of one value, of several, and how it goes on."""


class Counts(msgspec.Struct, frozen=True):
    """What a dry run, or a step, found. `complete` is False where there are more records than were looked at.

    `falls` are sentences: how many of what do what, and how it goes on.
    """

    people: int
    falls: tuple[tuple[str, str], ...]
    created: tuple[str, ...]
    merged: tuple[tuple[str, str], ...]
    names: tuple[tuple[str, str], ...]
    complete: bool


class Shown(msgspec.Struct, frozen=True):
    """What stands on the screen. `since` is Unix seconds, `typed` the same as a form has it; None: not asked yet."""

    row: Row
    address: str
    back: str
    since: int | None
    typed: str
    counts: Counts | None
    linked: bool


class Going(msgspec.Struct, frozen=True):
    """A sweep under way: what this step did, and where the next begins."""

    row: Row
    address: str
    since: int
    cursor: str
    people: int


async def show(visit: Visit) -> Page:
    """The question: since when."""
    return await _page(visit, None, None)


async def rehearse(visit: Visit) -> Page:
    """What would be done; nothing is."""
    row, since = await _row(visit), visit.need_moment("since")
    visit.acting(May.MANAGE_KEYS)
    steps = distrust.rehearse(visit.engine, visit.workspace_id, row.key.kid, since=since)
    return await _page(visit, since, _counts(await distrust.up_to(steps, MOST_RECORDS)))


async def _page(visit: Visit, since: int | None, counts: Counts | None) -> Page:
    row = await _row(visit)
    it = Shown(
        row,
        address(visit),
        address(visit, "/key", kid=row.key.kid),
        since,
        visit.form.get("since") or _local(visit, row.key.created_at),
        counts,
        "/people/{contact}" in visit.house.paths,
    )
    return Page("security/distrust.html", f"Distrust {row.key.name}", it)


async def begin(visit: Visit) -> Reply:
    """Revoke it, and take back the first part; the next parts come here too, with a cursor."""
    row, actor = await _row(visit), visit.acting(May.MANAGE_KEYS)
    raw_since, raw_cursor = visit.need("moment"), visit.form.get("cursor")
    if not raw_since.isdecimal() or len(raw_since) > 12:
        raise BadInput("The time is not one that this page was asked for. Begin again.", field="since")
    since = int(raw_since)
    place = distrust.place_of(raw_cursor or None)
    key = await distrust.begin(visit.engine, visit.workspace_id, row.key.kid, since=since, actor=actor)
    steps = distrust.sweep(visit.engine, visit.workspace_id, key, actor=actor, place=place)
    done = await distrust.up_to(steps, MOST_RECORDS)
    people = _number(visit.form.get("people")) + len(done.findings)
    if done.cursor is not None:
        it = Going(row, address(visit), since, done.cursor, people)
        return Page("security/distrusting.html", f"Distrusting {row.key.name}", it)
    found = plural(people, "person", "people")
    told = f"{row.key.name} is revoked, and what it vouched for since then is taken back: {found}."
    return SeeOther(address(visit, "/key", kid=row.key.kid), Toast(told))


async def _row(visit: Visit) -> Row:
    raw_kid = visit.form.get("kid") or visit.query.get("kid")
    if not raw_kid:
        raise BadInput("No key is named. Choose one from the list.", field="kid")
    return await keys.one(visit.engine, visit.workspace_id, raw_kid)


def _local(visit: Visit, at: float) -> str:
    return datetime.fromtimestamp(at, visit.browser.zone).strftime("%Y-%m-%dT%H:%M")


def _number(raw: str | None) -> int:
    return int(raw) if raw is not None and raw.isdecimal() and len(raw) < 10 else 0


def _counts(step: Step) -> Counts:
    falls = Counter(fall for finding in step.findings for fall in finding.falls.values())
    return Counts(
        len(step.findings),
        tuple((plural(falls[fall], one, many), rest) for fall, (one, many, rest) in WORDS.items() if falls[fall]),
        tuple(step.created),
        tuple((str(into), str(merged)) for into, merged in step.merges),
        tuple((str(one.contact_id), ", ".join(one.falls)) for one in step.findings[:LISTED]),
        step.cursor is None,
    )
