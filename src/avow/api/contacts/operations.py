"""What does each address of contacts and visitors do, in one line, and by which types?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from avow.api.contacts.shapes import bodies, contact, trust, visitor
from avow.api.shapes import CURSORS, MERGES, ONCE, PAGED, PER_PAGE, RECEIPT, WHOM, Nothing
from avow.trust.reasons import Reason
from avow.web.operations import ContactId, Operation, Parameter, Place

CONTACTS: Final = "Contacts"
TRUST: Final = "Provenance"
VISITORS: Final = "Visitors"
UNFIT: Final = tuple(
    str(reason)
    for reason in (
        Reason.INVALID_NAME,
        Reason.RESERVED_NAME,
        Reason.DUPLICATE_NAME,
        Reason.NOT_SUPPORTED,
        Reason.UNKNOWN_ATTRIBUTE,
        Reason.ARCHIVED,
        Reason.TYPE_MISMATCH,
        Reason.TOO_LONG,
        Reason.NOT_AN_OPTION,
    )
)
"""Why a value that a backend writes does not fit (D1 to D4)."""
_WRITTEN: Final = (ONCE, RECEIPT)
_ID: Final = Parameter("id", ContactId, "The contact's id.", place=Place.PATH)
_NAME: Final = Parameter("name", str, "The attribute's name.", place=Place.PATH)
_ARCHIVED: Final = Parameter("archived", bool, "Archived contacts instead.")
_BLOCKED: Final = Parameter("blocked", bool, "Blocked contacts instead.")
_SETTING: Final = {**WHOM, 409: ("conflict",)}


def _set_aside(summary: str, answer: type) -> Operation:
    return Operation(summary=summary, subject=CONTACTS, answer=answer, path=(_ID,), headers=(ONCE,), refusals=_SETTING)


OPERATIONS: Final[Mapping[str, Operation]] = {
    "GET /contacts": Operation(
        summary="List contacts",
        subject=CONTACTS,
        answer=contact.ContactList,
        query=(*PAGED, _ARCHIVED, _BLOCKED, MERGES),
        refusals=CURSORS,
    ),
    "POST /contacts": Operation(
        summary="Create a contact",
        subject=CONTACTS,
        body=bodies.WriteContact,
        answer=contact.Contact,
        query=(MERGES,),
        headers=_WRITTEN,
        refusals={400: UNFIT, 409: ("conflict",)},
    ),
    "GET /contacts/{id}": Operation(
        summary="Get a contact", subject=CONTACTS, answer=contact.Contact, path=(_ID,), query=(MERGES,), refusals=WHOM
    ),
    "PUT /contacts/{id}": Operation(
        summary="Update a contact",
        subject=CONTACTS,
        body=bodies.WriteContact,
        answer=contact.Contact,
        path=(_ID,),
        query=(MERGES,),
        headers=_WRITTEN,
        refusals={**WHOM, 400: UNFIT, 409: ("conflict",)},
    ),
    "DELETE /contacts/{id}": Operation(
        summary="Erase a contact",
        subject=CONTACTS,
        answer=contact.ErasedContact,
        path=(_ID,),
        headers=(ONCE,),
        refusals=WHOM,
    ),
    "POST /contacts/{id}/forget": Operation(
        summary="Forget a contact",
        subject=CONTACTS,
        body=Nothing,
        body_required=False,
        answer=contact.ForgottenContact,
        path=(_ID,),
        headers=(ONCE,),
        refusals=WHOM,
    ),
    "GET /contacts/find_by_external_id/{external_id}": Operation(
        summary="Find a user by your own id",
        subject=CONTACTS,
        answer=contact.Contact,
        path=(
            Parameter(
                "external_id", Annotated[str, Meta(min_length=1, max_length=255)], "Your own id.", place=Place.PATH
            ),
        ),
        query=(MERGES,),
        refusals=WHOM,
    ),
    "POST /contacts/search": Operation(
        summary="Search contacts",
        subject=CONTACTS,
        body=bodies.Search,
        besides=(bodies.Condition, bodies.ConditionGroup),
        answer=contact.Found,
        query=(MERGES,),
        refusals={400: ("client_error", "invalid_sort_order", "type_mismatch")},
    ),
    "POST /contacts/merge": Operation(
        summary="Merge a lead into a user",
        subject=CONTACTS,
        body=bodies.MergeContacts,
        answer=contact.Contact,
        query=(MERGES,),
        headers=_WRITTEN,
        refusals={**WHOM, 400: ("invalid_merge",)},
    ),
    "GET /contacts/{id}/merge_history": Operation(
        summary="List the leads that became part of a user",
        subject=CONTACTS,
        answer=contact.MergeHistory,
        path=(_ID,),
        query=(
            PER_PAGE,
            Parameter("cursor", str, "`next_cursor` of the page before."),
            Parameter("order", Literal["asc", "desc"], "Oldest or newest first."),
        ),
        refusals={**WHOM, **CURSORS},
    ),
    "POST /contacts/{id}/archive": _set_aside("Archive a contact", contact.ArchivedContact),
    "POST /contacts/{id}/unarchive": _set_aside("Unarchive a contact", contact.ArchivedContact),
    "POST /contacts/{id}/block": _set_aside("Block a contact", contact.BlockedContact),
    "POST /contacts/{id}/unblock": msgspec.structs.replace(
        _set_aside("Unblock a contact", contact.BlockedContact), body=Nothing, body_required=False
    ),
    "GET /contacts/{id}/provenance": Operation(
        summary="Tell who vouched for every value",
        subject=TRUST,
        answer=trust.Provenance,
        path=(_ID,),
        refusals=WHOM,
    ),
    "GET /contacts/{id}/changes": Operation(
        summary="List change records",
        subject=TRUST,
        answer=trust.ChangeList,
        path=(_ID,),
        query=PAGED,
        refusals={**WHOM, **CURSORS},
    ),
    "GET /contacts/{id}/held": Operation(
        summary="List held values", subject=TRUST, answer=trust.HeldList, path=(_ID,), refusals=WHOM
    ),
    "POST /contacts/{id}/held/{name}/accept": Operation(
        summary="Accept a held value",
        subject=TRUST,
        body=trust.DecideHeld,
        answer=contact.Contact,
        path=(_ID, _NAME),
        query=(MERGES,),
        headers=_WRITTEN,
        refusals=_SETTING,
    ),
    "POST /contacts/{id}/held/{name}/discard": Operation(
        summary="Discard a held value",
        subject=TRUST,
        body=trust.DecideHeld,
        answer=contact.Contact,
        path=(_ID, _NAME),
        query=(MERGES,),
        headers=_WRITTEN,
        refusals=_SETTING,
    ),
    "GET /visitors": Operation(
        summary="Get a visitor",
        subject=VISITORS,
        answer=visitor.Visitor,
        query=(
            Parameter("user_id", str, "The public id of the visitor's browser."),
            Parameter("id", ContactId, "The visitor's contact id."),
        ),
        refusals={**WHOM, 400: ("parameter_not_found",)},
    ),
    "PUT /visitors": Operation(
        summary="Update a visitor",
        subject=VISITORS,
        body=bodies.WriteVisitor,
        answer=visitor.Visitor,
        headers=_WRITTEN,
        refusals={**WHOM, 400: UNFIT, 409: ("conflict",)},
    ),
    "POST /visitors/convert": Operation(
        summary="Make a visitor a lead, or part of a user",
        subject=VISITORS,
        body=visitor.ConvertVisitor,
        answer=contact.Contact,
        query=(MERGES,),
        headers=_WRITTEN,
        refusals={**WHOM, 400: ("invalid_merge",), 409: ("conflict",)},
    ),
}
"""By method and address."""
