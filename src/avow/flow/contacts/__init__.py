"""What happens to contacts when a company's backend, or somebody who reads, asks: the names that others need."""

from avow.flow.contacts.callers import require_scope
from avow.flow.contacts.fields import Fields
from avow.flow.contacts.held import AcceptHeld, DiscardHeld, held_values
from avow.flow.contacts.reading import (
    MOST_COUNTED,
    Page,
    Standing,
    changes,
    contact_id_of,
    find_by_external_id,
    get,
    page,
    standings,
    today,
)
from avow.flow.contacts.writing import CreateContact, EraseContact, Erased, UpdateContact, Written

__all__ = [
    "MOST_COUNTED",
    "AcceptHeld",
    "CreateContact",
    "DiscardHeld",
    "EraseContact",
    "Erased",
    "Fields",
    "Page",
    "Standing",
    "UpdateContact",
    "Written",
    "changes",
    "contact_id_of",
    "find_by_external_id",
    "get",
    "held_values",
    "page",
    "require_scope",
    "standings",
    "today",
]
