"""Which tags are there, and who wears them? `/tags` and `/contacts/{id}/tags`.

- `POST /tags` does four things, as Intercom's does: it makes a tag, gives it another name (`id`), puts it on people
  (`users`) or takes it off them (`untag`). Companies have no tags here.
- A tag on somebody tells who put it there, when, by which channel, and whether that was vouched for.

Source: contract/intercom-openapi.yaml, `createTag`, schema `tag`; spec §9.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from avow.api.exchange import Call
from avow.api.reading import body, identifier, optional, required
from avow.api.team.performers import reference, team_of
from avow.errors import BadInput
from avow.flow import contacts
from avow.flow.beside import tags
from avow.flow.beside.tagging import TagContacts, Tagged, UntagContacts
from avow.flow.contract import Tag, Tagging, TagId, Teammate
from avow.flow.rules.asking import Asking
from avow.trust.access import Scope
from avow.trust.contact import Contact, ContactId
from avow.trust.token_checks.user_id import user_id_of

MAX_TAGGED: Final = 100
_Turn = type[TagContacts] | type[UntagContacts]


async def listed(call: Call) -> dict[str, Any]:
    """`GET /tags`."""
    return {"type": "list", "data": [tag_object(one) for one in await tags.every(call.engine.store, call.workspace_id)]}


async def get(call: Call) -> dict[str, Any]:
    """`GET /tags/{id}`."""
    return tag_object(await tags.get(call.engine.store, call.workspace_id, call.path["id"]))


async def create(call: Call) -> dict[str, Any]:
    """`POST /tags`."""
    fields = body(call)
    if "companies" in fields:
        raise BadInput("Companies are not supported, so none is tagged.", field="companies", code="not_supported")
    name = required(fields, "name", str)
    store, entropy = call.engine.store, call.engine.entropy
    if fields.get("id") is not None:
        if "users" in fields:
            raise BadInput("Give a tag another name, or put it on users: one at a time.", field="users")
        return _told(await tags.rename(store, _asking(call), identifier(fields, "id"), name))
    raw_users = optional(fields, "users", list)
    if raw_users is None:
        return _told(await tags.named(store, _asking(call), name, entropy=entropy))
    turn, ids = await _users(call, raw_users)
    if turn is UntagContacts:
        tag = await tags.of_name(store, call.workspace_id, name)
    else:
        # What is kept under the idempotency key is the tagging; the tag is there already when that is asked for again.
        tag = await tags.named(store, Asking(call.caller.token, Scope.WRITE_CONTACTS), name, entropy=entropy)
    await _turned(call, turn, tag.id, ids)
    return _told(tag, [{"type": "user", "id": one, "tagged": turn is TagContacts} for one in ids])


async def delete(call: Call) -> dict[str, Any]:
    """`DELETE /tags/{id}`: off everybody, too."""
    gone = await tags.delete(call.engine.store, _asking(call), call.path["id"], entropy=call.engine.entropy)
    return {**tag_object(gone), "deleted": True}


async def of_contact(call: Call) -> dict[str, Any]:
    """`GET /contacts/{id}/tags`."""
    store, workspace_id = call.engine.store, call.workspace_id
    contact = await contacts.get(store, workspace_id, call.path["id"])
    worn = await store.taggings(workspace_id, contact.id)
    known = {one.id: one for one in await tags.every(store, workspace_id)} if worn else {}
    team = await team_of(call) if worn else []
    shown = [_worn_object(known[one.tag_id], one, team) for one in worn if one.tag_id in known]
    return {"type": "list", "data": shown}


async def worn_by(call: Call, contact: Contact) -> list[dict[str, Any]]:
    """The tags on a contact, each by itself: who put it there is told at the tags' own address."""
    store, workspace_id = call.engine.store, call.workspace_id
    worn = {one.tag_id for one in await store.taggings(workspace_id, contact.id)}
    known = await tags.every(store, workspace_id) if worn else []
    return [tag_object(one) for one in known if one.id in worn]


async def attach(call: Call) -> dict[str, Any]:
    """`POST /contacts/{id}/tags`."""
    tag_id = tags.tag_id_of(identifier(body(call), "id"))
    return await _one(call, TagContacts, tag_id)


async def detach(call: Call) -> dict[str, Any]:
    """`DELETE /contacts/{id}/tags/{tag_id}`."""
    return await _one(call, UntagContacts, tags.tag_id_of(call.path["tag_id"]))


async def _one(call: Call, turn: _Turn, tag_id: TagId) -> dict[str, Any]:
    tagged = await _turned(call, turn, tag_id, [contacts.contact_id_of(call.path["id"])])
    if not tagged.taggings:
        return {**tag_object(tagged.tag), "applied_at": None, "applied_by": None}
    return _worn_object(tagged.tag, tagged.taggings[0], await team_of(call))


async def _turned(call: Call, turn: _Turn, tag_id: TagId, ids: list[ContactId]) -> Tagged:
    token, idempotency = call.caller.token, call.idempotency
    work = turn(token=token, idempotency=idempotency, tag_id=tag_id, contact_ids=tuple(ids))
    tagged: Tagged = await call.engine.committer.submit(work)
    return tagged


async def _users(call: Call, raw_users: list[object]) -> tuple[_Turn, list[ContactId]]:
    """Whom the tag is put on, or off whom it is taken. They are there, every one, before anything is made."""
    if not 1 <= len(raw_users) <= MAX_TAGGED:
        raise BadInput(f"users is not a list of 1 to {MAX_TAGGED} people, which is expected.", field="users")
    turns: set[_Turn] = set()
    ids: dict[ContactId, None] = {}
    for raw in raw_users:
        if not isinstance(raw, dict):
            raise BadInput('A user is not an object such as {"id": "…"}, which is expected.', field="users")
        turns.add(UntagContacts if raw.get("untag") in (True, "true") else TagContacts)
        ids[await _user(call, raw)] = None
    if len(turns) > 1:
        raise BadInput("Some users are to be tagged and some untagged. Do one at a time.", field="users")
    return turns.pop(), list(ids)


async def _user(call: Call, raw: Mapping[str, object]) -> ContactId:
    store, workspace_id = call.engine.store, call.workspace_id
    raw_id = optional(raw, "id", str)
    if raw_id is not None:
        return (await contacts.get(store, workspace_id, raw_id)).id
    user_id = user_id_of(raw.get("user_id"))
    if user_id is None:
        raise BadInput(
            "A user has neither id nor user_id. Send one of them.", field="users", code="parameter_not_found"
        )
    return (await contacts.find_by_external_id(store, workspace_id, user_id)).id


def _asking(call: Call) -> Asking:
    return Asking(call.caller.token, Scope.WRITE_CONTACTS, call.idempotency)


def tag_object(tag: Tag) -> dict[str, Any]:
    """A tag by itself."""
    return {"type": "tag", "id": str(tag.id), "name": tag.name}


def _told(tag: Tag, users: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {**tag_object(tag), "users": users or [], "companies": []}


def _worn_object(tag: Tag, worn: Tagging, team: list[Teammate]) -> dict[str, Any]:
    return {
        **tag_object(tag),
        "applied_at": int(worn.at),
        "applied_by": reference(worn.actor, team),
        "provenance": {"channel": worn.channel, "actor": worn.actor, "verified": worn.verified},
    }
