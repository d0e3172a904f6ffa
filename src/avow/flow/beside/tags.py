"""Which tags does a workspace have? They are made, named anew and deleted here; who wears them is `tagging.py`'s.

- Names are compared folded: `VIP` and `vip` are one tag, and whoever asks for the second is given the first.
- Deleting a tag takes it off everybody at once. While tags change, no batch puts one on anybody.
- Making a tag is nobody's secret and no rule: only a deletion is written down for operators.

Source: contract/intercom-notes.md §4.2; contract/intercom-openapi.yaml, schema `create_or_update_tag_request`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from avow.errors import BadInput, NotFound
from avow.flow.bookkeeping.operator_log import log
from avow.flow.contract import RawRules, RulesTransaction, Store, Tag, TagId
from avow.flow.rules.asking import Asking, once
from avow.flow.work import Entropy
from avow.trust.contact import WorkspaceId
from avow.trust.weighing.names import fold

MAX_TAGS: Final = 2_000
MAX_NAME: Final = 255
_ID: Final = re.compile(r"[0-9]{1,15}\Z")
_ID_BYTES: Final = 6


async def every(store: Store, workspace_id: WorkspaceId) -> list[Tag]:
    """All of them, by name."""
    return await store.tags(workspace_id)


async def get(store: Store, workspace_id: WorkspaceId, raw_id: str) -> Tag:
    """One tag. Raises `NotFound`."""
    return _found(await store.tags(workspace_id), tag_id_of(raw_id))


def tag_id_of(raw_id: str) -> TagId:
    """The id that a text is. Raises `NotFound` for what cannot be one."""
    if not _ID.match(raw_id):
        raise no_such_tag()
    return TagId(int(raw_id))


def no_such_tag() -> NotFound:
    """What is said of a tag that is not there."""
    return NotFound("There is no tag of this id in this workspace. List the tags to see which there are.")


def _found(tags: Iterable[Tag], tag_id: TagId) -> Tag:
    for tag in tags:
        if tag.id == tag_id:
            return tag
    raise no_such_tag()


async def of_name(store: Store, workspace_id: WorkspaceId, raw_name: str) -> Tag:
    """The tag of that name. Raises `NotFound`."""
    tag = _of_name(await store.tags(workspace_id), _checked(raw_name))
    if tag is None:
        raise NotFound("There is no tag of this name in this workspace.", field="name")
    return tag


async def named(store: Store, asking: Asking, raw_name: str, *, entropy: Entropy) -> Tag:
    """The tag of that name, made where there is none. Raises `BadInput` for what is no name, or without room."""
    name = _checked(raw_name)

    async def change(transaction: RulesTransaction, _: RawRules) -> Tag:
        return await made(transaction, asking.workspace_id, name, entropy=entropy)

    known = _of_name(await store.tags(asking.workspace_id), name)
    return known if known is not None else await once(store, asking, Tag, change)


async def named_by_hand(store: Store, workspace_id: WorkspaceId, raw_name: str, *, entropy: Entropy) -> Tag:
    """The same for a teammate, whose role has been looked at. Raises `BadInput`."""
    name = _checked(raw_name)
    known = _of_name(await store.tags(workspace_id), name)
    if known is not None:
        return known
    async with store.rules_transaction(workspace_id) as transaction:
        return await made(transaction, workspace_id, name, entropy=entropy)


async def made(transaction: RulesTransaction, workspace_id: WorkspaceId, name: str, *, entropy: Entropy) -> Tag:
    """The same, in a transaction. Not checked here: whether this can be a name."""
    tags = await transaction.tags()
    known = _of_name(tags, name)
    if known is not None:
        return known
    if len(tags) >= MAX_TAGS:
        raise BadInput(f"There are {len(tags)} tags, and there can be {MAX_TAGS}. Delete one first.", field="name")
    tag = Tag(workspace_id, TagId(int.from_bytes(entropy(_ID_BYTES))), name, transaction.now)
    await transaction.put_tag(tag)
    return tag


async def rename(store: Store, asking: Asking, raw_id: str, raw_name: str) -> Tag:
    """Give a tag another name. Raises `NotFound`, or `BadInput` where another tag has it."""
    tag_id, name = tag_id_of(raw_id), _checked(raw_name)

    async def change(transaction: RulesTransaction, _: RawRules) -> Tag:
        tags = await transaction.tags()
        tag, known = _found(tags, tag_id), _of_name(tags, name)
        if known is not None and known.id != tag_id:
            raise BadInput(f"Another tag has this name, the one with id {known.id}. Use that one.", field="name")
        renamed = msgspec.structs.replace(tag, name=name)
        if renamed != tag:
            await transaction.put_tag(renamed)
        return renamed

    return await once(store, asking, Tag, change)


async def delete(store: Store, asking: Asking, raw_id: str, *, entropy: Entropy) -> Tag:
    """Delete a tag, and take it off everybody. Raises `NotFound`."""
    tag_id = tag_id_of(raw_id)

    async def change(transaction: RulesTransaction, _: RawRules) -> Tag:
        tag = _found(await transaction.tags(), tag_id)
        await transaction.drop_tag(tag_id)
        await log(transaction, asking.workspace_id, entropy, asking.actor, "tag.delete", str(tag_id), tag.name)
        return tag

    return await once(store, asking, Tag, change)


def _checked(raw_name: str) -> str:
    name = raw_name.strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise BadInput(f"name is not a line of 1 to {MAX_NAME} visible characters, which is expected.", field="name")
    return name


def _of_name(tags: Iterable[Tag], name: str) -> Tag | None:
    folded = fold(name)
    return next((tag for tag in tags if fold(tag.name) == folded), None)
