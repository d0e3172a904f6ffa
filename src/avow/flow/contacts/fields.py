"""What a REST request says of a contact, and what becomes of it: the D-checks, with REST's own manners.

- Values of one request are spoken with one voice, but for an e-mail that the company itself calls unverified.
- What fails D1-D4 is an error of its field (`plan` → `custom_attributes.plan`); whoever calls refuses the request.
- An e-mail must look like one; that somebody reads it is not checked here or anywhere.

Source: spec §2, §3, §6 ("REST differs").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from avow.errors import BadInput, BadInputs
from avow.flow.contacts.callers import Speaker
from avow.flow.desk import Desk
from avow.trust.access import Mode
from avow.trust.attribute import Attribute
from avow.trust.change import Outcome, Verdict
from avow.trust.contact import Contact, Role, Scalar
from avow.trust.decision import Decision, decide
from avow.trust.reasons import Reason
from avow.trust.rules import Rules
from avow.trust.traffic import Arrivals
from avow.trust.weighing.names import ALIASES
from avow.trust.weighing.repeats import count_again
from avow.trust.weighing.voice import Saying, Voice

CUSTOM: Final = "custom_attributes"
MAX_EMAIL: Final = 254
MAX_TOLD: Final = 64
"""Characters of a name that nobody has checked, in a receipt."""
_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\Z")
_FUTURE: Final = 60
_UNREADY: Final = {
    Reason.INVALID_NAME: "This cannot be an attribute's name. List the data attributes to see which there are.",
    Reason.RESERVED_NAME: "This name is reserved and no custom attribute's. Use another name.",
    Reason.NOT_SUPPORTED: "Company data is not supported. Leave it out.",
    Reason.UNKNOWN_ATTRIBUTE: "There is no such attribute. Create it as a data attribute first.",
    Reason.ATTRIBUTE_LIMIT: "There is no room for one more attribute. Archive one that is not used.",
    Reason.ARCHIVED: "The attribute is archived and takes no values. Unarchive it first, or leave it out.",
    Reason.TOO_LONG: "The value is longer than the attribute takes. Shorten it.",
    Reason.NOT_AN_OPTION: "The value is none of the list's options. Send one of them, or add it to the list.",
}
"""What REST says of a value that it does not take."""


class Fields(msgspec.Struct, frozen=True):
    """What was said. `raw_values` are standard attributes by their names, `raw_custom` custom ones, unchecked as yet.

    `external_id` is None for `null`; `last_seen_at` is whole Unix seconds. `attached` are names of what hangs on a
    contact and is not written with it, `unknown` names that mean nothing here.
    """

    role: Role | None = None
    external_id: str | UnsetType | None = UNSET
    raw_values: Mapping[str, object] = {}
    raw_custom: Mapping[str, object] = {}
    email_verified: bool | None = None
    last_seen_at: int | None = None
    attached: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def without_clears(self) -> Fields:
        """The same for somebody new, of whom there is nothing to clear."""
        return msgspec.structs.replace(self, raw_values=_filled(self.raw_values), raw_custom=_filled(self.raw_custom))


def _filled(raw_values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in raw_values.items() if value is not None and value != ""}


class Weighing(msgspec.Struct, frozen=True):
    """The contact as it shall stand (its version is the caller's to raise), and what there is to tell of it.

    What was refused is told apart from what was applied: it is kept only as long as the owner says.
    """

    contact: Contact
    receipt: tuple[Verdict, ...]
    applied: tuple[Verdict, ...]
    values: dict[str, tuple[Scalar, Scalar]]
    refused: tuple[Verdict, ...]
    refused_values: dict[str, tuple[Scalar, Scalar]]
    rules: Rules | None
    new_rules: tuple[Attribute, ...]
    arrivals: Arrivals


def weigh_fields(
    desk: Desk, contact: Contact, speaker: Speaker, fields: Fields, errors: list[BadInput] | None = None
) -> Weighing:
    """Weigh what was said. Raises `BadInputs` with one error a field, those of the caller (`errors`) first."""
    errors = [*(errors or ()), *_misplaced(fields, desk)]
    sayings = _sayings(fields, speaker, desk)
    decision = decide(contact, sayings, desk.rules, now=desk.now, fresh_id=desk.fresh_attribute_id)
    at_fault = {error.field for error in errors}
    errors += [error for error in unready(decision, fields.raw_values) if error.field not in at_fault]
    if errors:
        raise BadInputs(errors)
    after = msgspec.structs.replace(
        contact,
        holdings=decision.holdings,
        ignored=decision.ignored,
        last_seen_at=contact.last_seen_at if fields.last_seen_at is None else float(fields.last_seen_at),
    )
    if decision.again:
        after = count_again(after, Counter(decision.again), desk.now)
    return Weighing(
        after,
        (*decision.verdicts, *_read_over(fields, speaker, decision.rules)),
        tuple(decision.applied),
        decision.values,
        tuple(decision.refused),
        decision.refused_values,
        decision.rules if decision.new_rules else None,
        tuple(decision.new_rules),
        decision.arrivals,
    )


def _sayings(fields: Fields, speaker: Speaker, desk: Desk) -> list[Saying]:
    """Everything in the speaker's voice; an e-mail that the company says is not verified is nobody's word."""
    vouched = speaker.mode is Mode.VOUCHING
    voice = Voice(speaker.channel, vouched, speaker.actor, int(desk.now))
    said = {**fields.raw_values, **fields.raw_custom}
    if not vouched or fields.email_verified is not False or "email" not in said:
        return [Saying(voice, said)]
    unverified = Saying(msgspec.structs.replace(voice, verified=False), {"email": said.pop("email")})
    return [Saying(voice, said), unverified]


def _read_over(fields: Fields, speaker: Speaker, rules: Rules) -> Iterator[Verdict]:
    """What is not weighed, and why. A custom attribute that stands outside `custom_attributes` is not unknown."""
    for name in (*fields.attached, *fields.unknown):
        known = name in fields.attached or name in rules.attributes
        reason = Reason.NOT_SUPPORTED if known else Reason.UNKNOWN_ATTRIBUTE
        yield Verdict(name[:MAX_TOLD], Outcome.IGNORED, speaker.channel, reason)


def _misplaced(fields: Fields, desk: Desk) -> list[BadInput]:
    errors = []
    raw_email = fields.raw_values.get("email")
    if raw_email not in (None, "") and not is_address(raw_email):
        errors.append(BadInput("This is no e-mail address. Send one such as alice@example.com.", field="email"))
    if fields.email_verified is not None and raw_email in (None, ""):
        errors.append(BadInput("email_verified comes with the email that it is about.", field="email_verified"))
    if fields.last_seen_at is not None and fields.last_seen_at > desk.now + _FUTURE:
        errors.append(BadInput("last_seen_at is in the future. Send Unix seconds.", field="last_seen_at"))
    for name in fields.raw_custom:
        attribute = desk.rules.attributes.get(ALIASES.get(name, name))
        if attribute is not None and attribute.standard:
            message = f"This is a standard attribute. Send it as {attribute.name}, outside {CUSTOM}."
            errors.append(BadInput(message, field=f"{CUSTOM}.{name}", code=Reason.RESERVED_NAME))
    return errors


def is_address(raw_email: object) -> bool:
    """Whether it looks like an e-mail address."""
    if not isinstance(raw_email, str) or len(raw_email) > MAX_EMAIL:
        return False
    return raw_email.isprintable() and _EMAIL.match(raw_email) is not None


def unready(decision: Decision, standard: Container[str]) -> list[BadInput]:
    """An error for each value that failed D1-D4. `standard` are the names that stand outside `custom_attributes`."""
    errors = []
    for verdict in decision.verdicts:
        if verdict.verdict is not Outcome.IGNORED or verdict.reason is None:
            continue
        field = verdict.name if verdict.name in standard else f"{CUSTOM}.{verdict.name}"
        if verdict.reason is Reason.TYPE_MISMATCH:
            attribute = decision.rules.attributes.get(verdict.name)
            kind = f", {attribute.type}" if attribute is not None else ""
            message = f"The value does not fit the attribute's type{kind}. Send one that does."
            errors.append(BadInput(message, field=field, code=verdict.reason))
        elif verdict.reason in _UNREADY:
            errors.append(BadInput(_UNREADY[verdict.reason], field=field, code=verdict.reason))
    return errors
