"""Editing a person: the fields that were edited are written, and no others; each as the teammate's word, verified.

- Beside each field goes the value that stood in it. What is as it was is left alone; what somebody else has changed
  meanwhile is not written over (409): the page shows beside what she typed what stands there now, and saving again is
  her decision. Fields that she did not touch show what stands there now.
- The user id goes the same way: an old one that came back by itself would end every token for the new one.
- An empty field clears. Moments are typed, and compared, in the zone that the form was shown in (`exchange.py`).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, UnsetType

from avow.admin.frame.toasts import Toast, Tone
from avow.admin.frame.visit import Page, Reply, SeeOther, Visit
from avow.admin.people.contact import PATH, name_of
from avow.errors import BadInput, Conflict
from avow.flow.by_hand import acts
from avow.flow.contacts import Fields, Standing, get, standings
from avow.flow.contacts.fields import CUSTOM
from avow.flow.team.roles import May
from avow.trust.attribute import Attribute, AttributeType
from avow.trust.contact import Contact, Role, Scalar
from avow.trust.rules import Rules

MOST: Final = 80
"""Fields of one form: two of its entries each, of the 200 that a form may have."""
_TO_THE_MINUTE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d\Z")
_STANDARD_FIRST: Final = ("name", "email", "phone")
_LONG: Final = 80
_NO_BREAKS: Final = str.maketrans("", "", "\r\n")


class FieldShown(msgspec.Struct, frozen=True):
    """One field. `seen` is the stored value as JSON text; `options` (value, words) where it is chosen.

    `now` is the stored value in words where it is another one than she saw when she began to edit it, else None.
    """

    attribute: Attribute
    text: str
    seen: str
    wrong: str
    options: tuple[tuple[str, str], ...]
    long: bool
    now: str | None

    @property
    def name(self) -> str:
        """Its name in the form."""
        return f"a{self.attribute.id}"

    @property
    def input(self) -> str:
        """Which kind of field takes it."""
        shown = not self.text or _evened(self.text)[4:5] == "-"
        return "datetime-local" if self.attribute.type is AttributeType.DATE and shown else "text"

    @property
    def hint(self) -> str:
        """What may be typed, where that is not plain."""
        kinds = {
            AttributeType.INTEGER: "A whole number",
            AttributeType.FLOAT: "A number",
            AttributeType.AVATAR: "https://…",
        }
        return kinds.get(self.attribute.type, "")


class IdShown(msgspec.Struct, frozen=True):
    """The user id, as a field: all of it as `FieldShown` has it."""

    text: str
    seen: str
    wrong: str
    now: str | None


class Shown(msgspec.Struct, frozen=True):
    """What stands on the screen. `only` is the attribute that alone is edited, if one is; `left` did not fit.

    `user_id` is None where it is not edited.
    """

    contact: Contact
    name: str
    fields: tuple[FieldShown, ...]
    only: str
    left: int
    address: str
    user_id: IdShown | None


async def ask(visit: Visit) -> Page:
    """The form."""
    rules = await visit.engine.rulebook.current(visit.workspace_id)
    contact = await get(visit.engine.store, visit.workspace_id, visit.path["contact"])
    only = visit.form.get("attribute") or visit.query.get("attribute") or ""
    chosen = _chosen(contact, rules, only, visit.now)
    known = standings(contact, rules, visit.now)
    fields = tuple(_field(visit, one, known.get(one.name)) for one in chosen[:MOST])
    name = name_of(contact)
    it = Shown(
        contact,
        name,
        fields,
        only if chosen and len(chosen) == 1 else "",
        max(0, len(chosen) - MOST),
        f"{visit.root}{PATH}/{contact.id}",
        _user_id(visit, contact) if contact.role is Role.USER and not only else None,
    )
    return Page("people/edit.html", "Edit a person", it)


async def save(visit: Visit) -> Reply:
    """Write what was edited."""
    actor = visit.acting(May.EDIT_PEOPLE)
    rules = await visit.engine.rulebook.current(visit.workspace_id)
    contact = await get(visit.engine.store, visit.workspace_id, visit.path["contact"])
    values: dict[str, object] = {}
    custom: dict[str, object] = {}
    seen: dict[str, Scalar] = {}
    for one in rules.attributes.values():
        typed, raw_seen = visit.form.get(f"a{one.id}"), visit.form.get(f"s{one.id}")
        if typed is None or raw_seen is None or one.archived:
            continue
        before = _decoded(raw_seen)
        if _evened(typed) == _evened(text_of(before, one, visit.browser.zone)):
            continue
        (values if one.standard else custom)[one.name] = _typed(typed, one, visit.browser.zone)
        seen[one.name] = before
    given, seen_id = _edited_id(visit)
    address = f"{visit.root}{PATH}/{contact.id}"
    if not values and not custom and given is UNSET:
        return SeeOther(address, Toast("Nothing was edited, and nothing is written.", Tone.NOTE))
    fields = Fields(external_id=given or None if given is not UNSET else UNSET, raw_values=values, raw_custom=custom)
    work = acts.Edit(
        workspace_id=visit.workspace_id,
        contact_id=contact.id,
        actor=actor,
        fields=fields,
        seen=seen,
        seen_external_id=UNSET if given is UNSET else seen_id or None,
    )
    await visit.engine.committer.submit(work)
    names = [*values, *custom, *(["user id"] if given is not UNSET else [])]
    told = f"{names[0]} is written" if len(names) == 1 else f"{len(names)} values are written"
    return SeeOther(address, Toast(f"{told}, verified by you."))


def text_of(value: Scalar, attribute: Attribute, zone: ZoneInfo) -> str:
    """A value as it stands in its field."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if attribute.type is AttributeType.DATE and isinstance(value, int | float):
        try:
            return datetime.fromtimestamp(value, zone).replace(tzinfo=None).isoformat(timespec="seconds")
        except (ValueError, OverflowError, OSError):
            return str(value)
    return str(value)


def _chosen(contact: Contact, rules: Rules, only: str, now: float) -> list[Attribute]:
    """The attributes to edit: what is known of her before what is not, standard names first."""
    active = [one for one in rules.attributes.values() if not one.archived]
    if only:
        return [one for one in active if str(one.id) == only]
    known = standings(contact, rules, now)

    def place(one: Attribute) -> tuple[int, str]:
        if one.name in _STANDARD_FIRST:
            return _STANDARD_FIRST.index(one.name), ""
        return (20 if one.standard else 4) + (0 if one.name in known else 1), one.name

    return sorted(active, key=place)


def _field(visit: Visit, one: Attribute, standing: Standing | None) -> FieldShown:
    value = standing.value if standing is not None else None
    text = text_of(value, one, visit.browser.zone)
    typed, before = _edited(visit, one)
    options: tuple[tuple[str, str], ...] = ()
    if one.type is AttributeType.BOOLEAN:
        options = (("", "Not known"), ("true", "Yes"), ("false", "No"))
    elif one.type is AttributeType.LIST:
        words = dict.fromkeys((*one.options, *([text] if text else [])))
        options = (("", "Not known"), *((word, word) for word in words))
    long = not options and ("\n" in text or "\r" in text or len(text) > _LONG)
    seen = msgspec.json.encode(value).decode()
    now = None if typed is None or before == value else dict(options).get(text, text)
    wrong = _wrong(visit, now, one.name if one.standard else f"{CUSTOM}.{one.name}", one.name)
    return FieldShown(one, text if typed is None else typed, seen, wrong, options, long, now)


def _user_id(visit: Visit, contact: Contact) -> IdShown:
    stands = contact.external_id or ""
    try:
        typed, before = _edited_id(visit) if visit.fault is not None else (UNSET, "")
    except BadInput:
        typed, before = UNSET, ""
    seen = msgspec.json.encode(stands).decode()
    now = None if typed is UNSET or before == stands else stands
    return IdShown(stands if typed is UNSET else typed, seen, _wrong(visit, now, "external_id"), now)


def _edited_id(visit: Visit) -> tuple[str | UnsetType, str]:
    """The user id that she typed, UNSET where she left it alone, and the one that had stood there; "" is none."""
    typed, raw_seen = visit.form.get("user_id"), visit.form.get("seen_user_id")
    if typed is None or raw_seen is None:
        return UNSET, ""
    before = str(_decoded(raw_seen))
    untouched = typed.translate(_NO_BREAKS) == before.translate(_NO_BREAKS)  # a field of one line drops them
    return (UNSET if untouched else typed), before


def _wrong(visit: Visit, now: str | None, *names: str) -> str:
    """What is wrong with what she typed. That it was changed meanwhile is told by `now`, and is no fault of hers."""
    if now is not None and isinstance(visit.fault, Conflict):
        return ""
    return next((told for name in names if (told := visit.fault_of(name))), "")


def _edited(visit: Visit, one: Attribute) -> tuple[str | None, Scalar]:
    """What she typed, None where she left the field alone, and what had stood there; where the form is shown again."""
    typed, raw_seen = visit.form.get(f"a{one.id}"), visit.form.get(f"s{one.id}")
    if visit.fault is None or typed is None or raw_seen is None:
        return None, None
    try:
        before = _decoded(raw_seen)
    except BadInput:
        return typed, None
    untouched = _evened(typed) == _evened(text_of(before, one, visit.browser.zone))
    return (None if untouched else typed), before


def _typed(typed: str, attribute: Attribute, zone: ZoneInfo) -> object:
    """What was typed as a value; what fits no type is left to the checks, which say so."""
    if typed == "":
        return None
    kind = attribute.type
    if kind is AttributeType.BOOLEAN and typed in ("true", "false"):
        return typed == "true"
    if kind is AttributeType.DATE:
        try:
            return int(datetime.fromisoformat(typed).replace(tzinfo=zone).timestamp())
        except (ValueError, OverflowError):
            return typed
    if kind in (AttributeType.INTEGER, AttributeType.FLOAT):
        try:
            return int(typed) if kind is AttributeType.INTEGER else float(typed)
        except ValueError:
            return typed
    return typed.replace("\r\n", "\n")


def _decoded(raw_seen: str) -> Scalar:
    try:
        value: Scalar = msgspec.json.decode(raw_seen, type=str | int | float | bool | None)
    except msgspec.MsgspecError:
        raise BadInput("The form is damaged. Reload the page and edit again.") from None
    return value


def _evened(text: str) -> str:
    """A text as a form sends it, whatever its line ends. Browsers leave out seconds that are none."""
    even = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"{even}:00" if _TO_THE_MINUTE.match(even) else even
