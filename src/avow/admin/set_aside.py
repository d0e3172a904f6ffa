"""What nobody vouched for is put aside at a lock, and put back when the lock is undone: so many people at a press.

- Whoever has more people than one request goes through is told, and goes on from where it stopped with one press. The
  text that undoes the lock goes with her, and is offered at the end.
- Attributes are named by that text alone, by their numbers: what a cookie carries stays small.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from avow.admin.attribute.places import PATH
from avow.admin.frame.toasts import Toast, Tone
from avow.admin.frame.visit import Reply, SeeOther, Visit
from avow.errors import BadInput
from avow.flow.by_hand.putting_aside import Moved
from avow.flow.screens import leftovers, locking
from avow.flow.team.roles import May
from avow.trust.attribute import Attribute
from avow.trust.contact import ContactId

_ID: Final = re.compile(r"[0-9a-f]{24}\Z")
_SECONDS: Final = re.compile(r"\d{1,12}(\.\d{1,9})?\Z", re.ASCII)


async def hold(visit: Visit) -> Reply:
    """Go on moving what nobody vouched for."""
    toast = await put(visit, await _rest(visit), visit.need("undo"), "", "too", after=_past(visit))
    return SeeOther(visit.root + PATH, toast)


async def release(visit: Visit) -> Reply:
    """Go on putting back what a lock has moved."""
    raw_since = visit.need("since")
    if not _SECONDS.match(raw_since):
        raise BadInput("There is nothing to put back in this.", field="since")
    attributes, since = await _rest(visit), float(raw_since)
    toast = await put_back(visit, attributes, visit.need("undo"), since, "", after=_past(visit))
    return SeeOther(visit.root + PATH, toast)


async def put(
    visit: Visit, attributes: Sequence[Attribute], undo: str, told: str, where: str, *, after: ContactId | None = None
) -> Toast:
    """Put values of locked attributes aside; `undo` is what undoes the lock. What is said of it, after `told`."""
    actor = visit.acting(May.LOCK)
    names = [one.name for one in attributes]
    moved = await leftovers.hold(visit.engine, visit.workspace_id, names, actor=actor, after=after)
    text = told + " ".join(_told_of_put(moved, where))
    if moved.rest:
        return _more(visit, "hold", text, moved, attributes, undo)
    return Toast(text, undo=f"{visit.root}{PATH}/undo", fields=(("undo", undo), ("release", "yes")))


async def put_back(
    visit: Visit,
    attributes: Sequence[Attribute],
    undo: str,
    since: float,
    told: str,
    *,
    after: ContactId | None = None,
) -> Toast:
    """Put back what a lock has moved since then; `undo` names the attributes. What is said of it, after `told`."""
    actor = visit.acting(May.LOCK)
    names = [one.name for one in attributes]
    moved = await leftovers.release(visit.engine, visit.workspace_id, names, since=since, actor=actor, after=after)
    text = told + " ".join(_told_of_back(moved))
    return _more(visit, "release", text, moved, attributes, undo, ("since", repr(since))) if moved.rest else Toast(text)


def _told_of_put(moved: Moved, where: str) -> Iterator[str]:
    waiting = moved.count - moved.gave_way
    yield f"{_values(waiting, 'waits', 'wait')} {where} for a decision."
    if moved.gave_way:
        yield f"{moved.gave_way:,} gave way to a newer claim that waits already."
    if moved.displaced:
        yield f"{_values(moved.displaced, 'took', 'took')} the place of an older claim, which the history alone tells."


def _told_of_back(moved: Moved) -> Iterator[str]:
    if moved.count or not moved.aside:
        yield f"{_values(moved.count, 'is', 'are')} back."
    if moved.aside:
        yield f"{_values(moved.aside, 'stays', 'stay')} aside: a verified value stands there."
    if moved.gave_way:
        left = f"{moved.gave_way:,} {'was' if moved.gave_way == 1 else 'were'} left"
        yield f"{left}: something else stands there now, or the attribute takes it no more."
    if moved.lost:
        people = "1 person" if moved.lost == 1 else f"{moved.lost:,} people"
        yield f"So much was recorded of {people} since that some of theirs may have been left."


def _values(count: int, does: str, do: str) -> str:
    return f"1 value {does}" if count == 1 else f"{count:,} values {do}"


def _more(
    visit: Visit,
    act: str,
    text: str,
    moved: Moved,
    attributes: Sequence[Attribute],
    undo: str,
    *fields: tuple[str, str],
) -> Toast:
    """There may be more of them: one press goes on from where this stopped."""
    first = next(str(one.id) for one in attributes if one.name == moved.rest[0])
    place = (("undo", undo), ("from", first), ("after", moved.after or ""), *fields)
    return Toast(f"{text} There may be more.", Tone.NOTE, f"{visit.root}{PATH}/{act}", place, "Go on")


async def _rest(visit: Visit) -> list[Attribute]:
    """The attributes that are left to go through."""
    attributes = await locking.turned(visit.engine.store, visit.workspace_id, visit.need("undo"))
    places = [number for number, one in enumerate(attributes) if str(one.id) == visit.need("from")]
    if not places:
        raise BadInput("This is no place to go on from.", field="from")
    return attributes[places[0] :]


def _past(visit: Visit) -> ContactId | None:
    raw_after = visit.form.get("after") or ""
    if raw_after and not _ID.match(raw_after):
        raise BadInput("This is no place to go on from.", field="after")
    return ContactId(raw_after) if raw_after else None
