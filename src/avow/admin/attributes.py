"""Settings > Data > People: every attribute, how its values arrive, whether it is safe to lock, and the lock itself.

- Turning the switch on asks first, in a dialog that says what will happen (`lock_dialog.py`); turning it off, and
  monitoring, do not: both are undone with one press.
- What is changed is changed by `flow/screens/locking.py`: all that was chosen, at once, or nothing.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

import msgspec

from avow.admin import set_aside
from avow.admin.attribute.places import PATH
from avow.admin.frame.toasts import Toast, Tone
from avow.admin.frame.visit import Page, Reply, SeeOther, Visit
from avow.errors import BadInput
from avow.flow.screens import attributes, locking
from avow.flow.screens.attributes import Row
from avow.flow.screens.locking import Turned
from avow.flow.team.roles import May
from avow.trust.attribute import Enforcement
from avow.trust.policy import MayCreate
from avow.trust.words import Word


class Shelf(Word):
    """Which of them are shown."""

    ALL = "all"
    ACCEPTING = "accepting"
    LOCKED = "locked"
    PROVISIONAL = "provisional"
    ARCHIVED = "archived"


class Shown(msgspec.Struct, frozen=True):
    """What stands on the screen. `linked` tells whether an attribute has a screen of its own.

    `creators` says who may create attributes from the Messenger, `coming` how they come to be, and which are locked
    then; `policy` is where that is changed, if there is such a screen.
    """

    shelf: Shelf
    shelves: tuple[tuple[str, str, bool], ...]
    custom: tuple[Row, ...]
    standard: tuple[Row, ...]
    recommended: tuple[Row, ...]
    address: str
    may_lock: bool
    linked: bool
    creators: str
    coming: str
    policy: str


_WORDS: Final = {
    Shelf.ALL: "All",
    Shelf.ACCEPTING: "Accepting unsigned writes",
    Shelf.LOCKED: "Locked",
    Shelf.PROVISIONAL: "Provisional",
    Shelf.ARCHIVED: "Archived",
}

_POLICY: Final = "/settings/security/policy"
_CREATORS: Final = {
    MayCreate.ANYONE: "any page, unsigned too",
    MayCreate.SIGNED: "signed tokens only",
    MayCreate.NOBODY: "nobody",
}


_MADE: Final = "once they are made here or by REST"
_SIGNED_FIRST: Final = "What arrives signed first is locked from the start."
_COMING: Final = {
    MayCreate.ANYONE: f"with the first value that a signed token or a page brings, or {_MADE}. {_SIGNED_FIRST}",
    MayCreate.SIGNED: f"with the first value that a signed token carries, or {_MADE}. {_SIGNED_FIRST}",
    MayCreate.NOBODY: f"{_MADE}; who may write one is chosen there.",
}


async def show(visit: Visit) -> Page:
    """The screen."""
    rows = await attributes.every(visit.engine.store, visit.workspace_id, visit.now)
    raw_shelf = visit.query.get("show")
    shelf = Shelf(raw_shelf) if raw_shelf in tuple(Shelf) else Shelf.ALL
    seen = [row for row in rows if _on(shelf, row)]
    address = visit.root + PATH
    shelves = tuple(
        (words, address + (f"?show={one}" if one is not Shelf.ALL else ""), one is shelf)
        for one, words in _WORDS.items()
    )
    creators = (await visit.engine.rulebook.current(visit.workspace_id)).policy.may_create
    it = Shown(
        shelf,
        shelves,
        tuple(row for row in seen if not row.attribute.standard),
        tuple(row for row in seen if row.attribute.standard),
        tuple(attributes.recommended(rows)),
        address,
        visit.may(May.LOCK),
        f"{PATH}/{{attribute}}" in visit.house.paths,
        _CREATORS[creators],
        _COMING[creators],
        visit.root + _POLICY if _POLICY in visit.house.paths else "",
    )
    return Page("attributes.html", "Data > People", it)


def _on(shelf: Shelf, row: Row) -> bool:
    one = row.attribute
    if shelf is Shelf.ARCHIVED or one.archived:
        return one.archived and shelf is Shelf.ARCHIVED
    if shelf is Shelf.PROVISIONAL:
        return one.provisional
    if shelf is Shelf.LOCKED:
        return one.locked
    return shelf is Shelf.ALL or not (one.locked or row.is_quiet)


async def lock(visit: Visit) -> Reply:
    """Lock what was chosen."""
    names = visit.form.all("name")
    if not names:
        raise BadInput("Nothing is chosen. Choose at least one attribute, or leave everything as it is.", field="name")
    turned = await _turned(visit, names, Enforcement.LOCKED)
    toast = _told(visit, turned, Enforcement.LOCKED)
    if visit.form.get("leftovers") == "hold" and turned.changed:
        where = f"beside {'it' if len(turned.changed) == 1 else 'them'}"
        toast = await set_aside.put(visit, turned.changed, turned.undo, f"{toast.text} ", where)
    return SeeOther(_back(visit), toast)


async def turn(visit: Visit) -> Reply:
    """Open or monitor one attribute: what needs no asking."""
    wanted = visit.need("enforcement")
    if wanted not in (Enforcement.OPEN, Enforcement.MONITOR):
        raise BadInput("A lock is turned in its dialog; expected open or monitor.", field="enforcement")
    turned = await _turned(visit, [visit.need("name")], Enforcement(wanted))
    return SeeOther(_back(visit), _told(visit, turned, Enforcement(wanted)))


async def undo(visit: Visit) -> Reply:
    """Put back what was just turned."""
    turned = await locking.undo(
        visit.engine.store,
        visit.workspace_id,
        visit.need("undo"),
        entropy=visit.engine.entropy,
        actor=visit.acting(May.LOCK),
    )
    visit.engine.rulebook.forget(visit.workspace_id)
    if turned.left:
        text = f"{', '.join(turned.left)} was changed since, and is left as it is."
        toast = Toast(text, Tone.NOTE)
    else:
        toast = Toast("It is as it was before.")
    if visit.form.get("release") == "yes" and turned.changed:
        toast = toast if turned.left else Toast("The lock is undone.")
        back = await set_aside.put_back(visit, turned.changed, turned.undo, turned.since, f"{toast.text} ")
        toast = msgspec.structs.replace(back, tone=Tone.NOTE if turned.left else back.tone)
    return SeeOther(visit.root + PATH, toast)


async def _turned(visit: Visit, names: list[str], enforcement: Enforcement) -> Turned:
    turned = await locking.turn(
        visit.engine.store,
        visit.workspace_id,
        dict.fromkeys(names, enforcement),
        entropy=visit.engine.entropy,
        actor=visit.acting(May.LOCK),
    )
    visit.engine.rulebook.forget(visit.workspace_id)
    return turned


def _back(visit: Visit) -> str:
    raw_shelf = visit.form.get("show") or ""
    shelf = f"?show={quote(raw_shelf, safe='')}" if raw_shelf in tuple(Shelf) and raw_shelf != Shelf.ALL else ""
    return visit.root + PATH + shelf


def _told(visit: Visit, turned: Turned, enforcement: Enforcement) -> Toast:
    names = [one.name for one in turned.changed]
    if not names:
        return Toast("It was so already.", Tone.NOTE)
    what = names[0] if len(names) == 1 else f"{len(names)} attributes"
    verb = "is" if len(names) == 1 else "are"
    text = {
        Enforcement.LOCKED: f"{what} {verb} locked. Unsigned writes are ignored from now on.",
        Enforcement.MONITOR: f"{what} {verb} monitored: unsigned writes apply, and are counted.",
        Enforcement.OPEN: f"{what} {verb} open: unsigned writes apply.",
    }[enforcement]
    return Toast(text, undo=f"{visit.root}{PATH}/undo", fields=(("undo", turned.undo),))
