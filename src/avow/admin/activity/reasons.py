"""What does a reason mean, in a few words? The whole explanation is the page that `explained` leads to.

Source: `trust/reasons.py`; docs/reference/reasons.
"""

from __future__ import annotations

from typing import Final

from avow.trust.reasons import Reason

WORDS: Final[dict[Reason, str]] = {
    Reason.TOKEN_MALFORMED: "The token is no token, or is damaged",
    Reason.TOKEN_ALGORITHM: "Signed by an algorithm that its key does not have",
    Reason.TOKEN_HEADER: "The token's header asks for what is never allowed",
    Reason.KEY_UNKNOWN: "No signing key of this workspace has this id",
    Reason.KEY_RETIRED: "Signed with a key whose time is over",
    Reason.KEY_REVOKED: "Signed with a key that was revoked",
    Reason.KEY_WRONG_PLATFORM: "Signed with a key of another platform",
    Reason.SIGNATURE_INVALID: "Signed with something else than your key, or changed afterwards",
    Reason.USER_ID_MISSING: "The token does not say whom it is about",
    Reason.TIME_MALFORMED: "A date in the token is no number of seconds",
    Reason.TOKEN_EXPIRED: "The token came after it had expired",
    Reason.TOKEN_NOT_YET_VALID: "The token is from the future: compare the clocks",
    Reason.EXP_MISSING: "The token never expires, and this workspace asks that it does",
    Reason.IAT_MISSING: "The token has no date, and this workspace asks for one",
    Reason.TOKEN_TOO_LONG_LIVED: "The token lives longer than this workspace allows",
    Reason.ISSUER_MISMATCH: "Issued by another party than this workspace expects",
    Reason.AUDIENCE_MISMATCH: "Meant for another party than this workspace",
    Reason.IDENTITY_MISMATCH: "The page names another person than the token",
    Reason.IDENTITY_SUPERSEDED: "A token from before its person was signed out or erased",
    Reason.USER_HASH_INVALID: "The user_hash does not fit the person",
    Reason.IDENTITY_UNPROVEN: "Somebody was named, and nothing proves it",
    Reason.SECRET_LEAKED: "A signing secret was sent by a browser",
    Reason.ORIGIN_NOT_ALLOWED: "Sent by a page of an origin that is not yours",
    Reason.CONTACT_BLOCKED: "The person is blocked",
    Reason.INVALID_NAME: "No attribute can have this name",
    Reason.RESERVED_NAME: "The name is reserved for something else",
    Reason.DUPLICATE_NAME: "The name came twice, or could pass for another's",
    Reason.NOT_SUPPORTED: "Avow does not keep this",
    Reason.UNKNOWN_ATTRIBUTE: "There is no such attribute, and a browser may not create one",
    Reason.ATTRIBUTE_LIMIT: "There are as many attributes as there can be",
    Reason.ARCHIVED: "The attribute is archived and takes no writes",
    Reason.TYPE_MISMATCH: "The value does not fit the attribute's type",
    Reason.TOO_LONG: "The value is too long",
    Reason.NOT_AN_OPTION: "The value is none of the list's options",
    Reason.SUPERSEDED_BY_SIGNED: "The same request's token says something about it already",
    Reason.UNVERIFIED: "Unsigned, and the attribute is locked",
    Reason.WOULD_IGNORE: "Applied, and would be ignored if the attribute were locked",
    Reason.BOT_EXEMPT: "A bot's answer, let through although the attribute is locked",
    Reason.STALE: "Signed earlier than what is known already",
    Reason.UNDATED: "Undated tokens fill blanks only, and this was no blank",
    Reason.ALREADY_KNOWN: "A bot fills blanks only, and this was known",
    Reason.KEY_COMPROMISED: "Vouched for by a key that is trusted no more",
}


def words(raw_reason: str) -> str:
    """The reason in words; a code of another version of the program as it is."""
    return WORDS.get(Reason(raw_reason), raw_reason) if raw_reason in tuple(Reason) else raw_reason


def explained(raw_reason: str) -> str:
    """The address of the reason's page."""
    return f"/docs/reasons/{raw_reason}"
