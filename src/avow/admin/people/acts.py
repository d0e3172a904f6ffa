"""What is done to a person from her page, with one press: decide, set aside, sign out, tag, note. Each says so after.

Everything is written by `flow/by_hand/acts.py`, in the name of whoever is signed in.
"""

from __future__ import annotations

import re
from typing import Final

from avow.admin.frame.toasts import Toast, Tone
from avow.admin.frame.visit import Reply, SeeOther, Visit
from avow.admin.people.contact import PATH
from avow.errors import BadInput
from avow.flow.beside import notes, tags
from avow.flow.by_hand import acts
from avow.flow.by_hand.acts import Aside, Decision
from avow.flow.contacts import contact_id_of, get, held_address
from avow.flow.screens import person
from avow.flow.team.roles import May
from avow.flow.work import Work
from avow.trust.contact import ContactId

_VERSION: Final = re.compile(r"[1-9][0-9]{0,9}\Z")
_ASIDE: Final = {
    Aside.ARCHIVE: ("Archived. Lists and searches leave this person out.", Aside.UNARCHIVE),
    Aside.UNARCHIVE: ("Lists show this person again.", None),
    Aside.BLOCK: ("Blocked. Nothing is taken from this person any more.", Aside.UNBLOCK),
    Aside.UNBLOCK: ("Unblocked. Old tokens stay ended: signing in again makes new ones.", None),
}


async def decide(visit: Visit) -> Reply:
    """Accept or discard the value that is held for one attribute."""
    name, raw_version, raw_decision = visit.need("name"), visit.need("version"), visit.need("do")
    if not _VERSION.match(raw_version) or raw_decision not in tuple(Decision):
        raise BadInput("This form is not one of ours. Reload the page and decide again.", field="do")
    decision = Decision(raw_decision)
    actor = visit.acting(May.EDIT_PEOPLE)
    work = acts.DecideHeld(
        workspace_id=visit.workspace_id,
        contact_id=_id(visit),
        actor=actor,
        name=name,
        version=int(raw_version),
        decision=decision,
        address=await held_address(visit.engine.store, visit.workspace_id, _id(visit), name),
    )
    await _do(visit, work)
    text = f"{name} is what you accepted, verified by you." if decision is Decision.ACCEPT else f"{name}: discarded."
    return _here(visit, Toast(text))


async def set_aside(visit: Visit) -> Reply:
    """Archive, block, and back."""
    raw = visit.need("do")
    if raw not in tuple(Aside):
        raise BadInput("Expected archive, unarchive, block or unblock.", field="do")
    aside, actor = Aside(raw), visit.acting(May.EDIT_PEOPLE)
    work = acts.SetAside(workspace_id=visit.workspace_id, contact_id=_id(visit), actor=actor, aside=aside)
    await _do(visit, work)
    text, back = _ASIDE[aside]
    undo = "" if back is None else f"{_address(visit)}/aside"
    fields = () if back is None else (("do", str(back)),)
    return _here(visit, Toast(text, undo=undo, fields=fields))


async def sign_out(visit: Visit) -> Reply:
    """End whatever proved until now who she is."""
    actor = visit.acting(May.EDIT_PEOPLE)
    contact = await get(visit.engine.store, visit.workspace_id, visit.path["contact"])
    sessions = await person.sessions_of(visit.engine, contact)
    work = acts.SignOut(workspace_id=visit.workspace_id, contact_id=contact.id, actor=actor, sessions=sessions)
    await _do(visit, work)
    return _here(visit, Toast("Signed out everywhere. Every token from before this moment is refused."))


async def tag(visit: Visit) -> Reply:
    """Put a tag on her; it is made where there is none of this name."""
    actor = visit.acting(May.EDIT_PEOPLE)
    await get(visit.engine.store, visit.workspace_id, visit.path["contact"])
    raw_name = visit.need("tag")
    if not raw_name.strip():
        raise BadInput("Type the name of a tag.", field="tag")
    try:
        found = await tags.named_by_hand(visit.engine.store, visit.workspace_id, raw_name, entropy=visit.engine.entropy)
    except BadInput as fault:
        raise BadInput(fault.message, field="tag") from None
    work = acts.Tag(workspace_id=visit.workspace_id, contact_id=_id(visit), actor=actor, tag_id=found.id)
    await _do(visit, work)
    return _here(visit)


async def untag(visit: Visit) -> Reply:
    """Take a tag off."""
    actor, tag_id = visit.acting(May.EDIT_PEOPLE), tags.tag_id_of(visit.need("tag_id"))
    work = acts.Untag(workspace_id=visit.workspace_id, contact_id=_id(visit), actor=actor, tag_id=tag_id)
    result = await _do(visit, work)
    name = getattr(getattr(result, "tag", None), "name", "")
    toast = Toast("The tag is off.", undo=f"{_address(visit)}/tags", fields=(("tag", name),)) if name else None
    return _here(visit, toast)


async def note(visit: Visit) -> Reply:
    """Write a note."""
    actor = visit.acting(May.EDIT_PEOPLE)
    try:
        body = notes.checked(visit.need("body"))
    except BadInput:
        message = f"Write something, at most {notes.MAX_NOTE:,} characters."
        raise BadInput(message, field="body") from None
    author = visit.here.teammate.id
    work = acts.AddNote(workspace_id=visit.workspace_id, contact_id=_id(visit), actor=actor, author=author, body=body)
    await _do(visit, work)
    return _here(visit, Toast("The note is kept.", Tone.DONE))


async def _do(visit: Visit, work: Work) -> object:
    result: object = await visit.engine.committer.submit(work)
    return result


def _id(visit: Visit) -> ContactId:
    return contact_id_of(visit.path["contact"])


def _address(visit: Visit) -> str:
    return f"{visit.root}{PATH}/{_id(visit)}"


def _here(visit: Visit, toast: Toast | None = None) -> SeeOther:
    return SeeOther(_address(visit), toast)
