"""Which contacts are there, and what does the company's backend write of them? `/contacts` and what stands below it.

- Fields of Intercom's that mean nothing here are read over, so that what was read may be sent back; a name that means
  nothing anywhere is read over too, and the receipt says so. A field of the wrong type is a 400.
- 1 to 100 attributes a request; `null` clears.

Source: contract/intercom-notes.md §4.2; spec §6 ("REST differs"), §11.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from msgspec import UNSET

from avow.api.exchange import Call
from avow.api.reading import body, optional, place
from avow.api.rendering import FIELDS, contact_object, receipt
from avow.errors import BadInput, NotFound
from avow.flow import contacts
from avow.flow.contacts import CreateContact, EraseContact, Erased, Fields, UpdateContact, Written
from avow.trust.contact import ContactId, Role
from avow.trust.token_checks.user_id import MAX_USER_ID, user_id_of

MAX_ATTRIBUTES: Final = 100
PER_PAGE: Final = 10
_ENTRY: Final = re.compile(r"[0-9a-f]{24}")
_LAST_SECOND: Final = 99_999_999_999
_STANDARD: Final = frozenset(
    "name email phone signed_up_at avatar language_override unsubscribed_from_emails owner_id "
    "utm_campaign utm_content utm_medium utm_source utm_term referrer".split()
)
_IDENTITY: Final = frozenset({"role", "external_id", "email_verified", "last_seen_at", "custom_attributes"})


async def page(call: Call) -> dict[str, Any]:
    """`GET /contacts`: users and leads, newest first. Where `total_count` is capped, `total_count_capped` says so."""
    where = place(call, usual=PER_PAGE, entry=_ENTRY)
    before = None if where.after is None else contacts.contact_id_of(where.after)
    found = await contacts.page(call.engine.store, call.workspace_id, before=before, limit=where.per_page)
    last = found.contacts[-1].id if found.more else None
    answer: dict[str, Any] = {
        "type": "list",
        "data": [contact_object(contact, call.rules, call.version) for contact in found.contacts],
        "total_count": found.total,
        "pages": where.pages(found.total, last),
    }
    return {**answer, "total_count_capped": True} if found.capped else answer


async def get(call: Call) -> dict[str, Any]:
    """`GET /contacts/{id}`."""
    contact = await contacts.get(call.engine.store, call.workspace_id, call.path["id"])
    return contact_object(contact, call.rules, call.version)


async def find_by_external_id(call: Call) -> dict[str, Any]:
    """`GET /contacts/find_by_external_id/{external_id}`: byte for byte, after one decoding of the address."""
    external_id = user_id_of(call.path["external_id"])
    if external_id is None or "\0" in external_id:
        raise NotFound("There is no user with this external_id, and can be none.")
    contact = await contacts.find_by_external_id(call.engine.store, call.workspace_id, external_id)
    return contact_object(contact, call.rules, call.version)


async def create(call: Call) -> dict[str, Any]:
    """`POST /contacts`."""
    fields = read_fields(body(call))
    if fields.role is None and not fields.external_id and fields.raw_values.get("email") in (None, ""):
        message = "email, external_id and role are missing. Send at least one of them."
        raise BadInput(message, field="email", code="parameter_not_found")
    work = CreateContact(token=call.caller.token, idempotency=call.idempotency, fields=fields)
    return _written(call, await call.engine.committer.submit(work))


async def update(call: Call) -> dict[str, Any]:
    """`PUT /contacts/{id}`: partial."""
    contact_id = contacts.contact_id_of(call.path["id"])
    fields = read_fields(body(call))
    token, idempotency = call.caller.token, call.idempotency
    work = UpdateContact(token=token, idempotency=idempotency, contact_id=contact_id, fields=fields)
    return _written(call, await call.engine.committer.submit(work))


async def erase(call: Call) -> dict[str, Any]:
    """`DELETE /contacts/{id}`: for good."""
    contact_id: ContactId = contacts.contact_id_of(call.path["id"])
    work = EraseContact(token=call.caller.token, idempotency=call.idempotency, contact_id=contact_id)
    erased: Erased = await call.engine.committer.submit(work)
    return {"type": "contact", "id": erased.contact_id, "external_id": erased.external_id, "deleted": True}


def _written(call: Call, written: Written) -> dict[str, Any]:
    answer = contact_object(written.contact, call.rules, call.version)
    return {**answer, "receipt": receipt(written.verdicts)} if call.wants_receipt else answer


def read_fields(raw: Mapping[str, object]) -> Fields:
    """What a body says of a contact. Raises `BadInput` for a field of the wrong type; values are not checked here."""
    custom: dict[str, object] = optional(raw, "custom_attributes", dict) or {}
    standard = {name: value for name, value in raw.items() if name in _STANDARD}
    unknown = tuple(name for name in raw if name not in FIELDS and name not in _IDENTITY)
    count = len(custom) + len(standard) + len(unknown)
    if count > MAX_ATTRIBUTES:
        raise BadInput(f"{count} attributes came at once. Send at most {MAX_ATTRIBUTES}.", field="custom_attributes")
    return Fields(
        role=_role(raw),
        external_id=_external_id(raw["external_id"]) if "external_id" in raw else UNSET,
        raw_values=standard,
        raw_custom=custom,
        email_verified=optional(raw, "email_verified", bool),
        last_seen_at=_last_seen_at(raw),
        unknown=tuple(name[:64] for name in unknown),
    )


def _role(raw: Mapping[str, object]) -> Role | None:
    name = optional(raw, "role", str)
    if name is None:
        return None
    try:
        return Role(name)
    except ValueError:
        raise BadInput("role is not user or lead, one of which is expected.", field="role") from None


def _external_id(raw: object) -> str | None:
    if raw is None or raw == "":
        return None
    external_id = user_id_of(raw)
    if external_id is None:
        message = f"external_id is not a text of 1 to {MAX_USER_ID} characters that is not blank."
        raise BadInput(message, field="external_id")
    return external_id


def _last_seen_at(raw: Mapping[str, object]) -> int | None:
    seconds = optional(raw, "last_seen_at", int)
    if seconds is not None and not 0 <= seconds <= _LAST_SECOND:
        raise BadInput("last_seen_at is not a time in Unix seconds.", field="last_seen_at")
    return seconds
