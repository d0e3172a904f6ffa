"""Whether a name that nobody declared may become an attribute by being written (D2), and what it becomes.

- First arrived signed: `locked`. First arrived unsigned: `provisional`, under a quota of its own.
- The first write that vouches adopts a provisional one with the type that write has, and sets `monitor`; a lock that
  somebody has set by hand stays. A relay vouches for nothing: it would adopt whatever noise it has read.

Source: spec §2.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from avow.trust.attribute import Attribute, Enforcement
from avow.trust.policy import MayCreate
from avow.trust.reasons import Reason
from avow.trust.rules import Rules
from avow.trust.weighing.values import Unfit, coerce, infer_type


class Creation(msgspec.Struct, frozen=True):
    """The attribute as it now is; `changed` where the rules did."""

    attribute: Attribute
    changed: bool


def create(
    rules: Rules, name: str, raw_value: object, *, signed: bool, now: float, fresh_id: Callable[[], int]
) -> Creation | Reason:
    """A new attribute from a Messenger write, or why not. A clear creates nothing."""
    if rules.collides(name, vouched=signed):
        return Reason.INVALID_NAME
    may = rules.policy.may_create
    if raw_value is None or raw_value == "" or may is MayCreate.NOBODY or (may is MayCreate.SIGNED and not signed):
        return Reason.UNKNOWN_ATTRIBUTE
    if not (rules.has_room() if signed else rules.has_provisional_room()):
        return Reason.ATTRIBUTE_LIMIT
    try:
        attribute = Attribute(
            id=fresh_id(),
            name=name,
            type=infer_type(name, raw_value),
            enforcement=Enforcement.LOCKED if signed else Enforcement.OPEN,
            provisional=not signed,
            ever_signed=signed,
            created_at=now,
            updated_at=now,
        )
        coerce(attribute, raw_value)
    except Unfit as unfit:
        return unfit.reason
    return Creation(attribute, True)


def adopt(rules: Rules, attribute: Attribute, raw_value: object, *, signed: bool, now: float) -> Creation | Reason:
    """A provisional attribute once somebody vouches for it. A clear adopts nothing; an archived one stays as it is."""
    if raw_value is None or raw_value == "" or attribute.archived:
        return Creation(attribute, False)
    if rules.collides(attribute.name, vouched=True):
        return Reason.INVALID_NAME
    if not rules.has_room():
        return Reason.ATTRIBUTE_LIMIT
    try:
        adopted = msgspec.structs.replace(
            attribute,
            type=infer_type(attribute.name, raw_value),
            enforcement=Enforcement.LOCKED if attribute.locked else Enforcement.MONITOR,
            provisional=False,
            ever_signed=attribute.ever_signed or signed,
            adopted_at=now,
            updated_at=now,
            version=attribute.version + 1,
        )
        coerce(adopted, raw_value)
    except Unfit as unfit:
        return unfit.reason
    return Creation(adopted, True)
