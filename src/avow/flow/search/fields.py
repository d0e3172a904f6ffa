"""Which fields can be asked for, where they stand, how they compare, and which operators they take.

- Fields of Intercom's that nothing is kept of (devices, places, e-mails opened) are there, and set for nobody.
- Custom attributes are asked for as `custom_attributes.<name>`; an archived one is not there.

Source: contract/intercom-notes.md §4.4; contract/intercom-openapi.yaml, `SearchContacts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from avow.flow.contract.query import ID, Kind, Place, Subject
from avow.trust.attribute import Attribute, AttributeType

CUSTOM: Final = "custom_attributes."
TAG: Final = "tag_id"
SEGMENT: Final = "segment_id"

_KINDS: Final = {
    AttributeType.STRING: Kind.TEXT,
    AttributeType.INTEGER: Kind.INTEGER,
    AttributeType.FLOAT: Kind.FLOAT,
    AttributeType.BOOLEAN: Kind.BOOLEAN,
    AttributeType.DATE: Kind.DATE,
    AttributeType.LIST: Kind.TEXT,
    AttributeType.AVATAR: Kind.TEXT,
}
_DATES: Final = ("created_at", "updated_at", "last_seen_at")
_FACTS: Final = {
    "id": ID,
    "role": Subject("role", Place.FACT, "role", Kind.TEXT),
    "external_id": Subject("external_id", Place.FACT, "external_id", Kind.EXACT),
    **{name: Subject(name, Place.FACT, name, Kind.DATE) for name in _DATES},
}
_FALSE_OF_EVERYBODY: Final = ("has_hard_bounced", "marked_email_as_spam")
_UNKEPT_DATES: Final = (
    "last_contacted_at last_replied_at last_email_opened_at last_email_clicked_at ios_last_seen_at "
    "android_last_seen_at".split()
)
_UNKEPT: Final = (
    "browser browser_version os location.country location.region location.city location.country_code "
    "location.continent_code ios_app_name ios_app_version ios_device ios_app_device ios_os_version ios_sdk_version "
    "android_app_name android_app_version android_device android_os_version android_sdk_version "
    "andoid_sdk_version".split()
)
"""The last one is spelt as Intercom's own table of fields spells it."""
_NOWHERE: Final = {
    **{name: Subject(name, Place.NOWHERE, name, Kind.TEXT) for name in _UNKEPT},
    **{name: Subject(name, Place.NOWHERE, name, Kind.DATE) for name in _UNKEPT_DATES},
    **{name: Subject(name, Place.NOWHERE, name, Kind.BOOLEAN, blank=False) for name in _FALSE_OF_EVERYBODY},
}
_OTHER_NAMES: Final = {"formatted_phone": "phone"}
_BLANKS: Final = {"unsubscribed_from_emails": False}

_EQUAL: Final = ("=", "!=", "IN", "NIN")
_TEXT: Final = (*_EQUAL, "~", "!~", "^", "$")
_NUMBER: Final = (*_EQUAL, ">", "<", ">=", "<=")
OPERATORS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.TEXT: _TEXT,
    Kind.EXACT: _TEXT,
    Kind.INTEGER: _NUMBER,
    Kind.FLOAT: _NUMBER,
    Kind.BOOLEAN: _EQUAL,
    Kind.DATE: ("=", ">", "<"),
}
"""What each kind of field takes. A date takes `!=` too where no value comes with it: *is set*."""
OF_IDS: Final = _EQUAL
OF_TAGS: Final = ("=", "!=")


def subject_of(field: str, attributes: Mapping[str, Attribute]) -> Subject | None:
    """The field of that name, None where there is none."""
    if field in _FACTS:
        return _FACTS[field]
    if field == "email_domain":
        return _value(field, attributes["email"], Place.DOMAIN)
    name = field.removeprefix(CUSTOM)
    attribute = attributes.get(_OTHER_NAMES.get(name, name))
    if attribute is not None and not attribute.archived and attribute.standard is (name == field):
        return _value(field, attribute, Place.VALUE)
    return _NOWHERE.get(field)


def value_of(attribute: Attribute) -> Subject:
    """The value of an attribute, be it archived or not."""
    return _value(attribute.name, attribute, Place.VALUE)


def operators_of(subject: Subject) -> tuple[str, ...]:
    """The operators that a field takes."""
    return OF_IDS if subject in (ID, _FACTS["role"]) else OPERATORS[subject.kind]


def _value(field: str, attribute: Attribute, place: Place) -> Subject:
    kind, blank = _KINDS[attribute.type], _BLANKS.get(attribute.name)
    number = attribute.id if place is Place.VALUE else None
    return Subject(field, place, attribute.name, kind, number, attribute.adopted_at, blank)
