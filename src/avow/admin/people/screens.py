"""Which addresses have People and one person's page, and what must a role allow? A part of `admin/screens.py`."""

from __future__ import annotations

from typing import Final

from avow.admin.frame.visit import Act
from avow.admin.people import acts, contact, edit, erase, listing, merge
from avow.flow.team.roles import May

PEOPLE: Final[dict[str, dict[str, Act]]] = {
    "/people": {"GET": Act(listing.show)},
    "/people/columns": {"POST": Act(listing.choose_columns, shown_by=listing.show)},
    "/people/filterable": {"POST": Act(listing.make_filterable, May.MANAGE_ATTRIBUTES, shown_by=listing.show)},
    "/people/{contact}": {"GET": Act(contact.show)},
    "/people/{contact}/edit": {
        "GET": Act(edit.ask, May.EDIT_PEOPLE),
        "POST": Act(edit.save, May.EDIT_PEOPLE, shown_by=edit.ask),
    },
    "/people/{contact}/held": {"POST": Act(acts.decide, May.EDIT_PEOPLE, shown_by=contact.show)},
    "/people/{contact}/aside": {"POST": Act(acts.set_aside, May.EDIT_PEOPLE, shown_by=contact.show)},
    "/people/{contact}/sign-out": {"POST": Act(acts.sign_out, May.EDIT_PEOPLE, shown_by=contact.show)},
    "/people/{contact}/tags": {"POST": Act(acts.tag, May.EDIT_PEOPLE, shown_by=contact.show)},
    "/people/{contact}/untag": {"POST": Act(acts.untag, May.EDIT_PEOPLE, shown_by=contact.show)},
    "/people/{contact}/notes": {"POST": Act(acts.note, May.EDIT_PEOPLE, shown_by=contact.show)},
    "/people/{contact}/merge": {
        "GET": Act(merge.ask, May.EDIT_PEOPLE),
        "POST": Act(merge.merge, May.EDIT_PEOPLE, shown_by=merge.ask),
    },
    "/people/{contact}/erase": {
        "GET": Act(erase.ask, May.ERASE_PEOPLE),
        "POST": Act(erase.erase, May.ERASE_PEOPLE, shown_by=erase.ask),
    },
    "/people/{contact}/export": {"GET": Act(erase.export, May.EXPORT_PEOPLE)},
}
"""Address below `/app/{workspace}` → method → what it does."""
