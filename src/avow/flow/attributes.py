"""What may be believed of which attribute, and who decided so: attributes listed, declared, locked, opened, archived.

- Each change is made under the workspace's exclusive lock (`rules_transaction`): once it is answered, no write that was
  weighed under the old rules can still commit. And each is written down: who, when, from what to what.
- Names never change, types only while `provisional`; declaring a provisional one gives it its type and adopts it.
- An attribute that was ever signed comes back from the archive locked.

Source: spec §2; `messenger_writable`, the messages and the limits are Intercom's (contract/intercom-notes.md §2.2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from avow.errors import BadInput, NotFound
from avow.flow.bookkeeping.operator_log import log
from avow.flow.contract import RawRules, RulesTransaction, Store
from avow.flow.rules.asking import Asking, once
from avow.flow.rules.declaring import Definition, check_description, check_options, declared, refuse_without_room
from avow.flow.search.filtering import declare_filterable
from avow.flow.work import Entropy
from avow.trust.attribute import STANDARD, Attribute, AttributeType, Enforcement
from avow.trust.contact import WorkspaceId


class Edit(msgspec.Struct, frozen=True):
    """What to change; None leaves as it is. `messenger_writable` is Intercom's word for enforcement, and says less."""

    enforcement: Enforcement | None = None
    messenger_writable: bool | None = None
    description: str | None = None
    options: tuple[str, ...] | None = None
    archived: bool | None = None
    filterable: bool | None = None


Editor = Callable[[Attribute], Edit]
"""What to change, said once it is known how the attribute stands: it may refuse, by raising an error."""


async def every(store: Store, workspace_id: WorkspaceId) -> dict[str, Attribute]:
    """All attributes by name, standard ones first, as they are stored at this moment. Raises `NotFound`."""
    rules = await store.rules(workspace_id)
    if rules is None:
        raise NotFound("There is no workspace of this id.", code="workspace_not_found")
    return joined(rules.attributes)


def joined(stored: tuple[Attribute, ...]) -> dict[str, Attribute]:
    """The stored attributes and the standard ones, which every workspace has, by name; standard ones first."""
    return STANDARD | {one.name: one for one in sorted(stored, key=lambda one: (one.created_at, one.id))}


def find(attributes: Mapping[str, Attribute], id_or_name: str) -> Attribute:
    """The attribute of that number, else of that name. Raises `NotFound`.

    The number first: a browser may have named an attribute of its own after it. Standard attributes go by name only.
    """
    for attribute in attributes.values():
        if str(attribute.id) == id_or_name and not attribute.standard:
            return attribute
    return find_by_name(attributes, id_or_name)


def find_by_name(attributes: Mapping[str, Attribute], name: str) -> Attribute:
    """The attribute of exactly that name. Raises `NotFound`."""
    if (named := attributes.get(name)) is not None:
        return named
    raise NotFound("We couldn't find that data attribute. Name it by its id or its name.", code="field_not_found")


async def declare(
    store: Store, workspace_id: WorkspaceId, definition: Definition, *, entropy: Entropy, actor: str
) -> Attribute:
    """Create an attribute, or adopt the provisional one of that name. Raises `BadInput` for what cannot be one."""
    async with store.rules_transaction(workspace_id) as transaction:
        return await _declare(transaction, await transaction.rules(), definition, entropy, actor)


async def declare_asked(store: Store, asking: Asking, definition: Definition, *, entropy: Entropy) -> Attribute:
    """The same, asked for by REST. Raises `NotAuthenticated` or `Forbidden` too, as things stand when it is written."""

    async def change(transaction: RulesTransaction, rules: RawRules) -> Attribute:
        return await _declare(transaction, rules, definition, entropy, asking.actor)

    return await once(store, asking, Attribute, change)


async def _declare(
    transaction: RulesTransaction, rules: RawRules, definition: Definition, entropy: Entropy, actor: str
) -> Attribute:
    attributes, workspace_id = joined(rules.attributes), rules.workspace.id
    known = attributes.get(definition.name)
    new = declared(definition, attributes, now=transaction.now, entropy=entropy)
    await transaction.put_attribute(new)
    action = "attribute.create" if known is None else "attribute.adopt"
    before = "" if known is None else f"provisional {known.type} {known.enforcement}"
    await log(transaction, workspace_id, entropy, actor, action, new.name, before, f"{new.type} {new.enforcement}")
    await _filterable(transaction, new, definition.filterable or None, workspace_id, entropy, actor)
    return new


async def enforce(
    store: Store, workspace_id: WorkspaceId, name: str, enforcement: Enforcement, *, entropy: Entropy, actor: str
) -> Attribute:
    """Open, monitor or lock an attribute. When this returns, it is so: on every process, for writes in flight too."""
    edit = Edit(enforcement=enforcement)
    async with store.rules_transaction(workspace_id) as transaction:
        return await _change(transaction, await transaction.rules(), find_by_name, name, edit, entropy, actor)


async def update(
    store: Store, workspace_id: WorkspaceId, id_or_name: str, edit: Edit | Editor, *, entropy: Entropy, actor: str
) -> Attribute:
    """Change an attribute. Raises `NotFound` or `BadInput`, and then nothing has changed."""
    async with store.rules_transaction(workspace_id) as transaction:
        return await _change(transaction, await transaction.rules(), find, id_or_name, edit, entropy, actor)


async def update_asked(store: Store, asking: Asking, id_or_name: str, edit: Edit, *, entropy: Entropy) -> Attribute:
    """The same, asked for by REST. Raises `NotAuthenticated` or `Forbidden` too, as things stand when it is written."""

    async def change(transaction: RulesTransaction, rules: RawRules) -> Attribute:
        return await _change(transaction, rules, find, id_or_name, edit, entropy, asking.actor)

    return await once(store, asking, Attribute, change)


async def _change(
    transaction: RulesTransaction,
    rules: RawRules,
    choose: Callable[[Mapping[str, Attribute], str], Attribute],
    wanted: str,
    edit: Edit | Editor,
    entropy: Entropy,
    actor: str,
) -> Attribute:
    attributes, workspace_id = joined(rules.attributes), rules.workspace.id
    before = choose(attributes, wanted)
    edit = edit if isinstance(edit, Edit) else edit(before)
    after = edited(before, edit, attributes)
    if after != before:
        after = msgspec.structs.replace(after, version=max(before.version, 1) + 1, updated_at=transaction.now)
        await transaction.put_attribute(after)
        for action, old, new in differences(before, after):
            await log(transaction, workspace_id, entropy, actor, f"attribute.{action}", before.name, old, new)
    await _filterable(transaction, after, edit.filterable, workspace_id, entropy, actor)
    return after


async def _filterable(
    transaction: RulesTransaction,
    attribute: Attribute,
    wanted: bool | None,
    workspace_id: WorkspaceId,
    entropy: Entropy,
    actor: str,
) -> None:
    if wanted is None or not await declare_filterable(transaction, attribute, wanted, transaction.now):
        return
    was, now = _text(not wanted), _text(wanted)
    await log(transaction, workspace_id, entropy, actor, "attribute.filterable", attribute.name, was, now)


def edited(before: Attribute, edit: Edit, attributes: Mapping[str, Attribute]) -> Attribute:
    """The attribute as the edit wants it. `attributes` are all there are: they decide whether there is room."""
    after = before
    if edit.archived is not None and edit.archived is not before.archived:
        after = _archived(before, edit.archived, attributes)
    after = msgspec.structs.replace(after, enforcement=_enforcement(after.enforcement, edit))
    if edit.description is not None:
        after = msgspec.structs.replace(after, description=check_description(edit.description))
    if edit.options is not None:
        if before.type is not AttributeType.LIST:
            raise BadInput(f"Only a list has options; this attribute's type is {before.type}.", field="options")
        after = msgspec.structs.replace(after, options=check_options(edit.options))
    return after


def _archived(before: Attribute, archived: bool, attributes: Mapping[str, Attribute]) -> Attribute:
    if before.standard:
        raise BadInput("A standard attribute cannot be archived. Lock it instead.", field="archived")
    if archived:
        return msgspec.structs.replace(before, archived=True)
    refuse_without_room(attributes, provisional=before.provisional)
    enforcement = Enforcement.LOCKED if before.ever_signed else before.enforcement
    return msgspec.structs.replace(before, archived=False, enforcement=enforcement)


def _enforcement(now: Enforcement, edit: Edit) -> Enforcement:
    """What the two words ask for. True opens what is locked; `monitor` reads as true already."""
    writable, wanted = edit.messenger_writable, edit.enforcement
    if wanted is not None:
        return agreed(wanted, writable)
    if writable is None:
        return now
    if not writable:
        return Enforcement.LOCKED
    return Enforcement.OPEN if now is Enforcement.LOCKED else now


def agreed(wanted: Enforcement, writable: bool | None) -> Enforcement:
    """The enforcement asked for. Raises `BadInput` where `messenger_writable` came too and says the contrary."""
    if writable is not None and writable is (wanted is Enforcement.LOCKED):
        message = "messenger_writable and enforcement contradict each other. Send one of them."
        raise BadInput(message, field="messenger_writable")
    return wanted


_ASPECTS: Final = ("archived", "enforcement", "description", "options")


def differences(before: Attribute, after: Attribute) -> list[tuple[str, str, str]]:
    """What an edit has changed, as records tell it: the aspect, before, after."""
    return [
        (aspect, _text(getattr(before, aspect)), _text(getattr(after, aspect)))
        for aspect in _ASPECTS
        if getattr(before, aspect) != getattr(after, aspect)
    ]


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
