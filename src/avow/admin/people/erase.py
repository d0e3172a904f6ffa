"""Erasing a person: what will go is shown, everything can be taken out first, and a word is typed to say so.

What is taken out is what a person may ask for (GDPR Art. 15), and who took it is written down.
"""

from __future__ import annotations

from typing import Final

import msgspec

from avow.admin.frame.toasts import Toast
from avow.admin.frame.visit import Download, Page, Reply, SeeOther, Visit
from avow.admin.people.contact import PATH, name_of
from avow.errors import BadInput
from avow.flow import exports
from avow.flow.by_hand import acts
from avow.flow.contacts import get
from avow.flow.contacts.forgetting import MOST_COUNTED, Traces, traces
from avow.flow.team.roles import May
from avow.trust.contact import Contact

WORD: Final = "erase"


class Shown(msgspec.Struct, frozen=True):
    """What stands on the screen. `goes` are kinds of things, in words, and how many there are."""

    contact: Contact
    name: str
    goes: tuple[tuple[str, int], ...]
    most: int
    word: str
    address: str


async def ask(visit: Visit) -> Page:
    """What will go, and whether it shall."""
    contact = await get(visit.engine.store, visit.workspace_id, visit.path["contact"])
    there = await traces(visit.engine.store, contact)
    address = f"{visit.root}{PATH}/{contact.id}"
    it = Shown(contact, name_of(contact), _goes(there), MOST_COUNTED, WORD, address)
    return Page("people/erase.html", "Erase a person", it)


async def erase(visit: Visit) -> Reply:
    """Erase her."""
    actor = visit.acting(May.ERASE_PEOPLE)
    contact = await get(visit.engine.store, visit.workspace_id, visit.path["contact"])
    if visit.need("word").strip().lower() != WORD:
        raise BadInput(f"Type {WORD}, so that nobody is erased by a slip.", field="word")
    await visit.engine.committer.submit(acts.Erase(workspace_id=visit.workspace_id, contact_id=contact.id, actor=actor))
    return SeeOther(visit.root + PATH, Toast("Erased. What is left says that there were changes, not which."))


async def export(visit: Visit) -> Download:
    """Everything that is known of her, as JSON."""
    contact = await get(visit.engine.store, visit.workspace_id, visit.path["contact"])
    engine, actor = visit.engine, visit.acting(May.EXPORT_PEOPLE)
    if not visit.head_only:  # which takes nobody out
        await exports.note(
            engine.store,
            visit.workspace_id,
            entropy=engine.entropy,
            actor=actor,
            action="contact.export",
            told="",
            subject=contact.id,
        )
    rules = await engine.rulebook.current(visit.workspace_id)
    pieces = exports.everything(engine.store, contact, rules, engine.now())
    return Download(pieces, f"person-{contact.id}.json", "application/json; charset=utf-8")


def _goes(there: Traces) -> tuple[tuple[str, int], ...]:
    found = (
        ("value", there.values),
        ("change record", there.changes),
        ("event", there.events),
        ("note", there.notes),
        ("tag", there.tags),
        ("merged contact", there.merged),
    )
    return tuple((word, count) for word, count in found if count)
