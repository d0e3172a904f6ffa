"""Whom is a request about, and was that proven? The rules of spec §5, as a pure function of what was looked up.

1. A valid token: the user with that `user_id`. 2. A valid hash over `user_id`: that user, proven.
3. A valid hash over an e-mail: the user whom that same proof made, or whose stored e-mail is verified; else a new one.
4. An unproven `user_id` or `email`: refused where proof is required, else taken as Intercom does and marked unproven.
5. None of these: a visitor, known by the session of her browser alone.

A visitor or lead is handed over for merging only where the same browser presents a *proven* user (§5.6).
Not checked here: the token itself (`trust/token.py`), the hash itself (`trust/user_hash.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import msgspec

from avow.errors import Conflict, Forbidden
from avow.trust.contact import Contact, Role
from avow.trust.reasons import Reason
from avow.trust.rules import Rules
from avow.trust.words import Word


class Proof(Word):
    """What the caller has shown of whom she speaks about."""

    TOKEN = "token"
    USER_HASH = "user_hash"
    EMAIL_HASH = "email_hash"
    SESSION = "session"
    NONE = "none"


# As in `decision.py`: found without the way by their class.
_OVER_USER_ID, _USER = (Proof.TOKEN, Proof.USER_HASH), Role.USER


class Claim(msgspec.Struct, frozen=True):
    """Whom a request says it is about, and how that is shown.

    `email` is folded; `session` tells that one came along.
    """

    proof: Proof
    required: bool
    user_id: str | None = None
    email: str | None = None


class Found(msgspec.Struct, frozen=True):
    """What the store knows under the claim's keys, loaded in the transaction that will write.

    `by_email_proof` is the user whom this very hash made; `by_email` every user with that e-mail, current or verified.
    `crowded` are more than are looked at: several, whoever they are.
    """

    by_user_id: Contact | None = None
    by_email_proof: Contact | None = None
    by_email: Sequence[Contact] = ()
    by_session: Contact | None = None
    crowded: bool = False


class Subject(msgspec.Struct, frozen=True):
    """Whom it is about: `contact`, or nobody yet, then one of `role` is to be created.

    `proven` decides what the answer may tell and whether held values count; `absorb` is the visitor or lead of the same
    browser to merge into the user.
    """

    role: Role
    proven: bool
    contact: Contact | None = None
    absorb: Contact | None = None


def fold_email(email: str) -> str:
    """The form in which e-mail addresses are compared: ASCII letters folded, nothing else (§5.8)."""
    return "".join(chr(ord(letter) | 0x20) if "A" <= letter <= "Z" else letter for letter in email)


def identify(claim: Claim, found: Found, rules: Rules) -> Subject:
    """Settle whom the request is about. Raises `Forbidden` (identity_unproven) or `Conflict`."""
    if claim.proof in _OVER_USER_ID:
        return _user(found.by_user_id, proven=True, found=found)
    if claim.proof is Proof.EMAIL_HASH:
        return _user(_by_email_hash(claim, found), proven=True, found=found)
    return _unproven(claim, found, rules)


def _user(contact: Contact | None, *, proven: bool, found: Found) -> Subject:
    guest = found.by_session
    if guest is None or guest.role is Role.USER or guest.merged_into is not None:
        guest = None
    return Subject(_USER, proven, contact, guest)


def _by_email_hash(claim: Claim, found: Found) -> Contact | None:
    if found.by_email_proof is not None and not _has_another_verified_email(found.by_email_proof, claim.email):
        return found.by_email_proof
    return _only([contact for contact in found.by_email if _has_verified_email(contact, claim.email)], found)


def _has_verified_email(contact: Contact, folded: str | None) -> bool:
    slot = contact.holding("email").verified_slot
    return (
        contact.role is Role.USER
        and slot is not None
        and isinstance(slot.value, str)
        and fold_email(slot.value) == folded
    )


def _has_another_verified_email(contact: Contact, folded: str | None) -> bool:
    """Whether the company has since vouched for another address, whose owner alone may prove herself by hash."""
    slot = contact.holding("email").verified_slot
    return slot is not None and not _has_verified_email(contact, folded)


def _only(contacts: list[Contact], found: Found) -> Contact | None:
    if len(contacts) > 1 or found.crowded:
        refuse_several()
    return contacts[0] if contacts else None


def refuse_several() -> NoReturn:
    """Raise `Conflict`: an address names several, or so many that nobody looks at all of them."""
    raise Conflict("Several users have this e-mail address. Send the user_id instead.", field="email")


def refuse_unproven() -> NoReturn:
    """Raise `Forbidden` (identity_unproven): the same words to everybody."""
    raise Forbidden(
        "This workspace asks for proof of identity. Send intercom_user_jwt, signed by your backend, "
        "with user_id or email.",
        code=Reason.IDENTITY_UNPROVEN,
        field="intercom_user_jwt",
    )


def _unproven(claim: Claim, found: Found, rules: Rules) -> Subject:
    if (claim.user_id is not None or claim.email is not None) and claim.required:
        refuse_unproven()
    if claim.user_id is not None:
        return Subject(Role.USER, False, found.by_user_id)
    if claim.email is not None and not rules.attributes["email"].locked:
        named = [contact for contact in found.by_email if _is_user_with_email(contact, claim.email)]
        return Subject(Role.USER, False, _only(named, found))
    guest = found.by_session
    if guest is None or guest.merged_into is not None or guest.role is Role.USER:
        return Subject(Role.VISITOR, True)
    return Subject(guest.role, True, guest)


def _is_user_with_email(contact: Contact, folded: str) -> bool:
    email = contact.holding("email").value
    return contact.role is Role.USER and isinstance(email, str) and fold_email(email) == folded
