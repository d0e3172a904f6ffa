"""Who is there of whom only a browser is known? `/visitors`, in Intercom's older shape, and what becomes of them.

A visitor's `user_id` is the public id of its browser, as `Intercom("getVisitorId")` tells it to a page: a name for
callers with an access token, and no proof of anything.
Source: contract/intercom-notes.md §4.2; contract/intercom-openapi.yaml, schemas `visitor`, `convert_visitor_request`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from avow.api.beside import tags
from avow.api.contacts.answers import written_answer
from avow.api.contacts.fields import read_fields
from avow.api.contacts.visitor_object import visitor_object
from avow.api.exchange import Call
from avow.api.reading import body, optional, required
from avow.api.rendering import receipt
from avow.errors import BadInput
from avow.flow import contacts
from avow.flow.contacts import ConvertVisitor, Named, UpdateVisitor, Written
from avow.trust.contact import Contact, Role
from avow.trust.token_checks.user_id import MAX_USER_ID, user_id_of

_NAMES: Final = frozenset({"id", "user_id"})


async def get(call: Call) -> dict[str, Any]:
    """`GET /visitors?user_id=`, or by `id`."""
    found = await contacts.find_visitor(call.engine.store, call.workspace_id, _named(call.query, "", _NAMES))
    return await _answer(call, found)


async def update(call: Call) -> dict[str, Any]:
    """`PUT /visitors`: partial; `id` or `user_id` names the visitor."""
    raw = body(call)
    named = _named(raw, "", _NAMES)
    fields = read_fields({name: value for name, value in raw.items() if name not in ("user_id", "role")})
    if fields.external_id:
        message = "A visitor has no external_id. Convert it, or leave the field out."
        raise BadInput(message, field="external_id")
    work = UpdateVisitor(token=call.caller.token, idempotency=call.idempotency, visitor=named, fields=fields)
    written: Written = await call.engine.committer.submit(work)
    told = await _answer(call, written.contact)
    return {**told, "receipt": receipt(written.verdicts)} if call.wants_receipt else told


async def convert(call: Call) -> dict[str, Any]:
    """`POST /visitors/convert`: the contact that the visitor became, or became part of."""
    raw = body(call)
    role = {"user": Role.USER, "lead": Role.LEAD}.get(required(raw, "type", str))
    if role is None:
        raise BadInput("type is not user or lead, one of which is expected.", field="type")
    work = ConvertVisitor(
        token=call.caller.token,
        idempotency=call.idempotency,
        visitor=_named(required(raw, "visitor", dict), "visitor", _NAMES | {"email"}),
        role=role,
        into=_into(raw, role),
    )
    return await written_answer(call, await call.engine.committer.submit(work))


def _into(raw: Mapping[str, object], role: Role) -> Named:
    fields: dict[str, object] = optional(raw, "user", dict) or {}
    if role is Role.LEAD and not any(fields.get(name) for name in ("id", "user_id", "email")):
        return Named()
    return _named(fields, "user", _NAMES | {"email"})


def _named(raw: Mapping[str, object], where: str, names: frozenset[str]) -> Named:
    """Who is meant: by `names`, one of which must be there. Raises `BadInput`."""
    at = f"{where}." if where else ""
    given = {name: optional(raw, name, str) for name in sorted(names) if raw.get(name) not in (None, "")}
    email = given.get("email")
    if (raw_id := given.get("id")) is not None:
        return Named(contact_id=contacts.contact_id_of(raw_id), email=email)
    if "user_id" in given:
        user_id = user_id_of(given["user_id"])
        if user_id is None:
            message = f"{at}user_id is not a text of 1 to {MAX_USER_ID} characters that is not blank."
            raise BadInput(message, field=f"{at}user_id")
        return Named(user_id=user_id, email=email)
    if email is not None:
        return Named(email=email)
    expected = " or ".join(sorted(names, key=("id", "user_id", "email").index))
    raise BadInput(f"{at}{expected} is missing. Send one of them.", field=f"{at}user_id", code="parameter_not_found")


async def _answer(call: Call, visitor: Contact) -> dict[str, Any]:
    user_id = await contacts.anonymous_id_of(call.engine.store, visitor)
    return visitor_object(visitor, call.rules, user_id, await tags.worn_by(call, visitor))
