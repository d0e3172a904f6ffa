"""What nobody vouched for is put aside at a lock, and put back when the lock is undone: so many people at a press.

Whoever has more people than one request goes through is told, and goes on from where it stopped with one press.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from avow.admin.frame.toasts import Toast, Tone
from avow.admin.frame.visit import Reply, SeeOther, Visit
from avow.errors import BadInput
from avow.flow.screens import leftovers
from avow.flow.screens.leftovers import Moved
from avow.flow.team.roles import May
from avow.trust.contact import ContactId

PATH: Final = "/settings/data/people"
_ID: Final = re.compile(r"[0-9a-f]{24}\Z")
_SECONDS: Final = re.compile(r"\d{1,12}(\.\d{1,9})?\Z", re.ASCII)


async def hold(visit: Visit) -> Reply:
    """Go on moving what nobody vouched for."""
    return SeeOther(visit.root + PATH, (await put(visit, visit.form.all("name"), "", "too", after=_past(visit)))[0])


async def release(visit: Visit) -> Reply:
    """Go on putting back what a lock has moved."""
    raw_since = visit.need("since")
    if not _SECONDS.match(raw_since):
        raise BadInput("There is nothing to put back in this.", field="since")
    names, since = visit.form.all("name"), float(raw_since)
    return SeeOther(visit.root + PATH, await put_back(visit, names, since, "", after=_past(visit)))


async def put(
    visit: Visit, names: Sequence[str], told: str, where: str, *, after: ContactId | None = None
) -> tuple[Toast, bool]:
    """Put values of locked attributes aside. What is said of it after `told`, and whether that was all."""
    actor = visit.acting(May.LOCK)
    moved = await leftovers.hold(visit.engine, visit.workspace_id, names, actor=actor, after=after)
    waiting = moved.count - moved.gave_way
    text = f"{told}{'1 value waits' if waiting == 1 else f'{waiting:,} values wait'} {where} for a decision."
    if moved.gave_way:
        text += f" {moved.gave_way:,} gave way to a newer claim that waits already."
    return (_more(visit, "hold", text, moved), False) if moved.rest else (Toast(text), True)


async def put_back(
    visit: Visit, names: Sequence[str], since: float, told: str, *, after: ContactId | None = None
) -> Toast:
    """Put back what a lock has moved since then. What is said of it after `told`."""
    actor = visit.acting(May.LOCK)
    moved = await leftovers.release(visit.engine, visit.workspace_id, names, since=since, actor=actor, after=after)
    text = f"{told}{'1 value is' if moved.count == 1 else f'{moved.count:,} values are'} back."
    if moved.gave_way:
        text += (
            f" {moved.gave_way:,} {'stays' if moved.gave_way == 1 else 'stay'} aside: something else stands there now."
        )
    return _more(visit, "release", text, moved, ("since", repr(since))) if moved.rest else Toast(text)


def _more(visit: Visit, act: str, text: str, moved: Moved, *fields: tuple[str, str]) -> Toast:
    """There may be more of them: one press goes on from where this stopped."""
    place = (*(("name[]", name) for name in moved.rest), ("after", moved.after or ""), *fields)
    return Toast(f"{text} There may be more.", Tone.NOTE, f"{visit.root}{PATH}/{act}", place, "Go on")


def _past(visit: Visit) -> ContactId | None:
    raw_after = visit.form.get("after") or ""
    if raw_after and not _ID.match(raw_after):
        raise BadInput("This is no place to go on from.", field="after")
    return ContactId(raw_after) if raw_after else None
