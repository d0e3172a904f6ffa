"""Which attributes are there, and may a browser still write them? `/data_attributes`.

- `messenger_writable` is Intercom's word: false is `locked`. `enforcement` says all three; where both come, they agree.
- Created without a word: locked from Intercom-Version 2.11 on (and without the header), open below.
- A name or a type never changes; a field that is none is refused, and one that was read may be sent back.
- `filterable` has an index built over its values; `filter` says how far that is.
- Custom attributes go by id or name, standard ones by name. Company attributes: there are none.

Source: spec §2; contract/intercom-notes.md §2.2, §4.2, §4.3.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any, Final

from avow.api.exchange import Call
from avow.api.reading import body, flag, optional, refuse_unknown, required
from avow.api.versions import LOCKED_BY_DEFAULT, NO_CONVERSATION_ATTRIBUTES, Version
from avow.errors import AvowError, BadInput, BadInputs, Unprocessable
from avow.flow import attributes
from avow.flow.contract.query import Filter
from avow.flow.engine import Engine
from avow.flow.rules.asking import Asking
from avow.flow.rules.declaring import Definition
from avow.flow.search.filtering import progress
from avow.trust.access import Scope
from avow.trust.attribute import Attribute, AttributeType, Enforcement

_TYPES: Final = {
    "string": AttributeType.STRING,
    "integer": AttributeType.INTEGER,
    "float": AttributeType.FLOAT,
    "boolean": AttributeType.BOOLEAN,
    "date": AttributeType.DATE,
    "datetime": AttributeType.DATE,
    "options": AttributeType.LIST,
}
_TOLD_AS: Final = {AttributeType.LIST: "string", AttributeType.AVATAR: "string"}
_SETTINGS: Final = frozenset({"description", "options", "messenger_writable", "enforcement", "archived", "filterable"})
_TOLD: Final = frozenset(
    "type id model name full_name label data_type api_writable ui_writable custom provisional filter admin_id "
    "created_at updated_at".split()
)
"""What is told of an attribute and may be sent back, as clients do."""
_NOT_BY_REST: Final = frozenset({"browser_language"})
_NOT_BY_HAND: Final = frozenset({"browser_language", "referrer", "signed_up_at", "avatar"})


async def listed(call: Call) -> dict[str, Any]:
    """`GET /data_attributes`."""
    model = call.query.get("model", "contact")
    if model == "conversation" and call.version >= NO_CONVERSATION_ATTRIBUTES:
        message = "model=conversation is no longer supported. Leave it out, or send contact or company."
        raise Unprocessable(message, code="parameter_invalid", field="model")
    if model not in ("contact", "company", "conversation"):
        raise BadInput("model is not contact or company, one of which is expected.", field="model")
    archived = flag(call.query, "include_archived")
    everything = await attributes.every(call.engine.store, call.workspace_id) if model == "contact" else {}
    indexed = await _filters(call)
    shown = [attribute_object(one, indexed.get(one.id)) for one in everything.values() if archived or not one.archived]
    return {"type": "list", "data": shown}


async def create(call: Call) -> dict[str, Any]:
    """`POST /data_attributes`."""
    fields = body(call)
    _refuse_misspelt(fields)
    if optional(fields, "archived", bool):
        raise BadInput("An attribute is declared first, and archived by changing it.", field="archived")
    definition = _definition(fields, call.version)
    engine = call.engine
    created = await attributes.declare_asked(engine.store, _asking(call), definition, entropy=engine.entropy)
    await _read_again(engine)
    return attribute_object(created, (await _filters(call)).get(created.id))


async def update(call: Call) -> dict[str, Any]:
    """`PUT /data_attributes/{id}`. What it answers is so on every process."""
    fields = body(call)
    _refuse_misspelt(fields)
    await _refuse_changed(call, fields)
    edit = attributes.Edit(
        enforcement=_enforcement(fields),
        messenger_writable=optional(fields, "messenger_writable", bool),
        description=_described(fields),
        options=_options(fields),
        archived=optional(fields, "archived", bool),
        filterable=optional(fields, "filterable", bool),
    )
    engine, which = call.engine, call.path["id"]
    updated = await attributes.update_asked(engine.store, _asking(call), which, edit, entropy=engine.entropy)
    await _read_again(engine)
    return attribute_object(updated, (await _filters(call)).get(updated.id))


def _refuse_misspelt(fields: Mapping[str, object]) -> None:
    """Intercom reads over what it does not know; here a slip of `messenger_writable` would leave a door open."""
    refuse_unknown(fields, *sorted(_SETTINGS), *(name for name in fields if name in _TOLD))


async def _refuse_changed(call: Call, fields: Mapping[str, object]) -> None:
    """Raise `BadInputs` for another name, type or model than the attribute has: nothing changes them (spec §2)."""
    said = {name: fields[name] for name in ("name", "data_type", "model") if fields.get(name) is not None}
    if not said:
        return
    known = attributes.find(await attributes.every(call.engine.store, call.workspace_id), call.path["id"])
    is_so = {
        "name": said.get("name") == known.name,
        "data_type": _is_type(said.get("data_type"), known.type),
        "model": said.get("model") == "contact",
    }
    errors = [
        BadInput(f"An attribute's {name} never changes. Leave it out, or make another attribute.", field=name)
        for name in said
        if not is_so[name]
    ]
    if errors:
        raise BadInputs(errors)


def _is_type(raw: object, kind: AttributeType) -> bool:
    named = _TYPES.get(raw) if isinstance(raw, str) else None
    return named is kind or raw == _TOLD_AS.get(kind, str(kind))


def _described(fields: Mapping[str, object]) -> str | None:
    """The new description; none for `null`, as everywhere, and None where nothing was said."""
    return (optional(fields, "description", str) or "") if "description" in fields else None


def _asking(call: Call) -> Asking:
    return Asking(call.caller.token, Scope.WRITE_ATTRIBUTES, call.idempotency)


async def _filters(call: Call) -> dict[int, Filter]:
    return {one.attribute_id: one for one in await call.engine.store.filters(call.workspace_id)}


async def _read_again(engine: Engine) -> None:
    """Let this process's reads follow at once; writes do so by themselves, and what was changed stays changed."""
    with contextlib.suppress(AvowError):
        await engine.rulebook.confirm()


def attribute_object(attribute: Attribute, indexed: Filter | None = None) -> dict[str, Any]:
    """The attribute as Intercom's clients expect it, with what Avow knows beside."""
    answer: dict[str, Any] = {
        "type": "data_attribute",
        "model": "contact",
        "name": attribute.name,
        "full_name": _full_name(attribute),
        "label": attribute.name,
        "description": attribute.description,
        "data_type": _TOLD_AS.get(attribute.type, str(attribute.type)),
        "api_writable": attribute.name not in _NOT_BY_REST,
        "messenger_writable": not attribute.locked,
        "ui_writable": attribute.name not in _NOT_BY_HAND,
        "custom": not attribute.standard,
        "archived": attribute.archived,
        "enforcement": attribute.enforcement,
        "provisional": attribute.provisional,
        "filterable": indexed is not None and indexed.kept,
    }
    if indexed is not None:
        answer["filter"] = {"state": indexed.state, "progress": round(progress(indexed), 4)}
    if attribute.type is AttributeType.LIST:
        answer["options"] = attribute.options
    if not attribute.standard:
        answer["id"] = attribute.id
        answer["created_at"] = int(attribute.created_at)
        answer["updated_at"] = int(attribute.updated_at)
    return answer


def _full_name(attribute: Attribute) -> str:
    if attribute.type is AttributeType.AVATAR:
        return f"{attribute.name}.image_url"
    return attribute.name if attribute.standard else f"custom_attributes.{attribute.name}"


def _definition(fields: Mapping[str, object], version: Version) -> Definition:
    model = required(fields, "model", str)
    if model == "company":
        raise BadInput("Attributes of companies are not supported.", field="model", code="not_supported")
    if model != "contact":
        raise BadInput("The Data Attribute model field must be either contact or company", field="model")
    name, kind = required(fields, "name", str), _TYPES.get(required(fields, "data_type", str))
    if kind is None:
        raise BadInput(f"Data Type isn't an option; send one of {', '.join(_TYPES)}.", field="data_type")
    usual = Enforcement.LOCKED if version >= LOCKED_BY_DEFAULT else Enforcement.OPEN
    return Definition(
        name,
        kind,
        _declared_enforcement(fields, usual),
        optional(fields, "description", str) or "",
        _options(fields) or (),
        optional(fields, "filterable", bool) or False,
    )


def _declared_enforcement(fields: Mapping[str, object], usual: Enforcement) -> Enforcement:
    wanted, writable = _enforcement(fields), optional(fields, "messenger_writable", bool)
    if wanted is not None:
        return attributes.agreed(wanted, writable)
    if writable is None:
        return usual
    return Enforcement.OPEN if writable else Enforcement.LOCKED


def _enforcement(fields: Mapping[str, object]) -> Enforcement | None:
    word = optional(fields, "enforcement", str)
    if word is None:
        return None
    try:
        return Enforcement(word)
    except ValueError:
        raise BadInput(
            "enforcement is not open, monitor or locked, one of which is expected.", field="enforcement"
        ) from None


def _options(fields: Mapping[str, object]) -> tuple[str, ...] | None:
    """Options come as `[{"value": …}]`; a list of texts, as they are read, passes too."""
    if fields.get("options") is None:
        return None
    raw = fields["options"]
    if not isinstance(raw, list):
        raise BadInput("Options isn't an array", field="options")
    texts = [one.get("value") if isinstance(one, dict) else one for one in raw]
    if not all(isinstance(text, str) for text in texts):
        raise BadInput('An option is not an object such as {"value": "1-10"}.', field="options")
    return tuple(text for text in texts if isinstance(text, str))
