"""Which attributes are there, and may a browser still write them? `/data_attributes`.

- `messenger_writable` is Intercom's word: false is `locked`. `enforcement` says all three; where both come, they agree.
- Created without a word: locked from Intercom-Version 2.11 on (and without the header), open below.
- Custom attributes go by id or name, standard ones by name. Company attributes: there are none.

Source: spec §2; contract/intercom-notes.md §2.2, §4.2, §4.3.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any, Final

from avow.api.exchange import Call
from avow.api.reading import body, flag, optional, required
from avow.api.versions import LOCKED_BY_DEFAULT, NO_CONVERSATION_ATTRIBUTES, Version
from avow.errors import AvowError, BadInput, Unprocessable
from avow.flow import attributes
from avow.flow.declaring import Definition
from avow.flow.engine import Engine
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
    shown = [attribute_object(one) for one in everything.values() if archived or not one.archived]
    return {"type": "list", "data": shown}


async def create(call: Call) -> dict[str, Any]:
    """`POST /data_attributes`."""
    fields = body(call)
    definition = _definition(fields, call.version)
    engine = call.engine
    created = await attributes.declare(
        engine.store, call.workspace_id, definition, entropy=engine.entropy, actor=call.caller.token.actor
    )
    await _read_again(engine)
    return attribute_object(created)


async def update(call: Call) -> dict[str, Any]:
    """`PUT /data_attributes/{id}`. What it answers is so on every process."""
    fields = body(call)
    options = _options(fields)
    edit = attributes.Edit(
        enforcement=_enforcement(fields),
        messenger_writable=optional(fields, "messenger_writable", bool),
        description=optional(fields, "description", str),
        options=options,
        archived=optional(fields, "archived", bool),
    )
    engine, actor = call.engine, call.caller.token.actor
    updated = await attributes.update(
        engine.store, call.workspace_id, call.path["id"], edit, entropy=engine.entropy, actor=actor
    )
    await _read_again(engine)
    return attribute_object(updated)


async def _read_again(engine: Engine) -> None:
    """Let this process's reads follow at once; writes do so by themselves, and what was changed stays changed."""
    with contextlib.suppress(AvowError):
        await engine.rulebook.confirm()


def attribute_object(attribute: Attribute) -> dict[str, Any]:
    """The attribute as Intercom's clients expect it, with `enforcement` and `provisional` beside."""
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
    }
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
