"""What may be believed of an attribute: its type, and whether a browser may still write it.

Source: spec §2; the standard attributes and their Messenger keys are Intercom's.
"""

from __future__ import annotations

from typing import Final

import msgspec

from avow.trust.words import Word

MAX_ACTIVE: Final = 250
"""Custom attributes of a workspace that are neither archived nor provisional."""
MAX_PROVISIONAL: Final = 50
"""Attributes that only unsigned writes have ever named: a quota of their own, so that noise cannot use up the other."""


class AttributeType(Word):
    """The form of a value. `date` is whole Unix seconds; `avatar` an https address of a picture."""

    STRING = "string"
    INTEGER = "integer"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    LIST = "list"
    AVATAR = "avatar"


class Enforcement(Word):
    """What becomes of an unverified write: applied; applied and counted as *would be ignored*; ignored and held."""

    OPEN = "open"
    MONITOR = "monitor"
    LOCKED = "locked"


class Attribute(msgspec.Struct, frozen=True):
    """One attribute of a workspace. Names never change, types only while `provisional`.

    `version` grows with every change (compare-and-set; 0: a standard one of which no row is stored yet);
    `adopted_at` is when a provisional one got its vouched type; `ever_signed` decides what unarchiving restores, and
    its coming true is no change of `updated_at`.
    """

    id: int
    name: str
    type: AttributeType
    enforcement: Enforcement = Enforcement.OPEN
    standard: bool = False
    options: tuple[str, ...] = ()
    provisional: bool = False
    archived: bool = False
    ever_signed: bool = False
    description: str = ""
    created_at: float = 0.0
    updated_at: float = 0.0
    adopted_at: float | None = None
    version: int = 1

    @property
    def locked(self) -> bool:
        """Whether an unverified write is ignored."""
        return self.enforcement is Enforcement.LOCKED


def _standard(number: int, name: str, kind: AttributeType = AttributeType.STRING) -> Attribute:
    return Attribute(id=number, name=name, type=kind, standard=True, version=0)


STANDARD: Final = {
    attribute.name: attribute
    for attribute in (
        _standard(1, "name"),
        _standard(2, "email"),
        _standard(3, "phone"),
        _standard(4, "signed_up_at", AttributeType.DATE),
        _standard(5, "avatar", AttributeType.AVATAR),
        _standard(6, "language_override"),
        _standard(7, "unsubscribed_from_emails", AttributeType.BOOLEAN),
        _standard(8, "owner_id", AttributeType.INTEGER),
        _standard(9, "utm_campaign"),
        _standard(10, "utm_content"),
        _standard(11, "utm_medium"),
        _standard(12, "utm_source"),
        _standard(13, "utm_term"),
        _standard(14, "referrer"),
        _standard(15, "browser_language"),
    )
}
"""Every workspace has these.

They can be locked like custom ones; a stored row overrides enforcement and description.
"""
