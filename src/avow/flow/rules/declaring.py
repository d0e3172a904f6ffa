"""May this become an attribute of that name and type, because the company says so? The checks of a declaration.

- REST takes names as they stand, replacing nothing; they must not pass for another attribute's, whatever its case.
- A provisional attribute of the name does not stand in the way: it gets the declared type and is vouched for.

Source: spec §2; the characters of names, the options and the messages are Intercom's (contract/intercom-notes.md §2.2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from avow.errors import BadInput
from avow.flow.work import Entropy
from avow.trust.attribute import MAX_ACTIVE, MAX_PROVISIONAL, Attribute, AttributeType, Enforcement
from avow.trust.reasons import Reason
from avow.trust.weighing.names import ALIASES, fault_of, fold, is_plain
from avow.trust.weighing.values import MAX_STRING

MAX_DESCRIPTION: Final = 1_000
MAX_OPTIONS: Final = 250
_CONTROL = frozenset(map(chr, (*range(0x20), 0x7F)))


class Definition(msgspec.Struct, frozen=True):
    """What the company declares. `options` are a list's, else empty."""

    name: str
    type: AttributeType
    enforcement: Enforcement
    description: str = ""
    options: tuple[str, ...] = ()
    filterable: bool = False


def declared(definition: Definition, attributes: Mapping[str, Attribute], *, now: float, entropy: Entropy) -> Attribute:
    """The attribute to be stored: a new one, or the provisional one of that name, adopted. Raises `BadInput`."""
    name = definition.name
    _check_name(name, attributes)
    refuse_without_room(attributes, provisional=False)
    if definition.type is not AttributeType.LIST and definition.options:
        raise BadInput("Only a list has options; send the data_type options, or none of them.", field="options")
    options = check_options(definition.options) if definition.type is AttributeType.LIST else ()
    known = attributes.get(name)
    return Attribute(
        id=fresh_id(attributes, entropy) if known is None else known.id,
        name=name,
        type=definition.type,
        enforcement=definition.enforcement,
        options=options,
        ever_signed=known is not None and known.ever_signed,
        description=check_description(definition.description),
        created_at=now if known is None else known.created_at,
        updated_at=now,
        adopted_at=None if known is None else now,
        version=1 if known is None else known.version + 1,
    )


def _check_name(name: str, attributes: Mapping[str, Attribute]) -> None:
    fault = fault_of(name)
    if fault is Reason.RESERVED_NAME or fault is Reason.NOT_SUPPORTED or name in ALIASES:
        raise BadInput("This name is reserved. Use another name.", field="name")
    if not is_plain(name):
        message = (
            "Your name for this attribute must only contain alphanumeric characters, currency symbols, and hyphens"
        )
        raise BadInput(f"{message} (spaces and underscores within it pass too), at most 190.", field="name")
    known = attributes.get(name)
    if known is not None and not known.provisional:
        archived = " It is archived; unarchive it." if known.archived else ""
        message = f"You already have {name!r} in your people data.{archived}"
        raise BadInput(f"{message} To save this as new people data, use a different name.", field="name")
    folded = fold(name)
    vouched = (one.name for one in attributes.values() if not one.provisional)
    for other in (*vouched, *ALIASES):
        if other != name and fold(other) == folded:
            message = f"This name could pass for {other!r}, which differs from it in case or form only."
            raise BadInput(f"{message} Use that one, or a different name.", field="name")


def refuse_without_room(attributes: Mapping[str, Attribute], *, provisional: bool) -> None:
    """Raise `BadInput` (custom_data_limit_reached) where there is no room for one more of that standing."""
    limit = MAX_PROVISIONAL if provisional else MAX_ACTIVE
    custom = [one for one in attributes.values() if not one.standard and not one.archived]
    active = sum(one.provisional is provisional for one in custom)
    if active >= limit:
        message = f"There are {active} active custom attributes, and there can be {limit}. Archive one first."
        raise BadInput(message, code="custom_data_limit_reached")


def check_description(raw_description: str) -> str:
    """The description, if it is one: text of at most `MAX_DESCRIPTION` characters."""
    if len(raw_description) > MAX_DESCRIPTION:
        raise BadInput(f"The description is longer than {MAX_DESCRIPTION} characters.", field="description")
    return raw_description


def check_options(raw_options: Sequence[str]) -> tuple[str, ...]:
    """A list's options, if they can be: two at least, all different, none blank or longer than a value may be."""
    if not 2 <= len(raw_options) <= MAX_OPTIONS:
        raise BadInput(f"A list has 2 to {MAX_OPTIONS} options; {len(raw_options)} came.", field="options")
    if len(set(raw_options)) < len(raw_options):
        raise BadInput("An option came twice; send each once.", field="options")
    for option in raw_options:
        if not option.strip() or len(option) > MAX_STRING or not _CONTROL.isdisjoint(option):
            raise BadInput(f"An option is a line of 1 to {MAX_STRING} characters that is not blank.", field="options")
    return tuple(raw_options)


def fresh_id(attributes: Mapping[str, Attribute], entropy: Entropy) -> int:
    """A new attribute's number, which none of these has."""
    taken = {attribute.id for attribute in attributes.values()}
    while True:
        number = 1_000 + int.from_bytes(entropy(4)) % 2_000_000_000
        if number not in taken:
            return number
