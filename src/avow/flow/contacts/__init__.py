"""What happens to contacts when a company's backend, or somebody who reads, asks: the names that others need."""

from avow.flow.contacts.callers import require_scope, require_vouching
from avow.flow.contacts.fields import Fields
from avow.flow.contacts.held import AcceptHeld, DiscardHeld, held_address, held_values
from avow.flow.contacts.lifecycle import ArchiveContact, BlockContact, SetAside, UnarchiveContact, UnblockContact
from avow.flow.contacts.merge_history import MAX_MERGED_SHOWN, merge_histories, merge_history
from avow.flow.contacts.merging import Likeness, MergeContacts
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
from avow.flow.contacts.visitors import ConvertVisitor, Named, UpdateVisitor, anonymous_id_of, find_visitor
from avow.flow.contacts.writing import CreateContact, EraseContact, Erased, UpdateContact, Written

__all__ = [
    "MAX_MERGED_SHOWN",
    "MOST_COUNTED",
    "AcceptHeld",
    "ArchiveContact",
    "BlockContact",
    "ConvertVisitor",
    "CreateContact",
    "DiscardHeld",
    "EraseContact",
    "Erased",
    "Fields",
    "Likeness",
    "MergeContacts",
    "Named",
    "Page",
    "SetAside",
    "Standing",
    "UnarchiveContact",
    "UnblockContact",
    "UpdateContact",
    "UpdateVisitor",
    "Written",
    "anonymous_id_of",
    "changes",
    "contact_id_of",
    "find_by_external_id",
    "find_visitor",
    "get",
    "held_address",
    "held_values",
    "merge_histories",
    "merge_history",
    "page",
    "require_scope",
    "require_vouching",
    "standings",
    "today",
]
