"""Which attribute a name means, before anything else is asked of it (D1).

- Aliases and Intercom's replaced characters resolve first: `pl.an` *is* `pl_an`, and a lock on one is a lock on both.
- Names of settings, identities, registered claims and the server's own fields are reserved; those of identities in
  every spelling that could pass for them.
- Two names that fold to the same text (NFKC, case) could pass for each other; the second one is refused. So could a
  name with a character that shows nothing: it is none.

Source: spec §2, §6 D1; the replaced characters and the settings keys are Intercom's.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from avow.trust.reasons import Reason

MAX_LENGTH: Final = 190

ALIASES: Final = {"created_at": "signed_up_at"}
"""Messenger and token key → the attribute's name."""

SETTINGS_KEYS: Final = frozenset(
    "app_id api_base custom_launcher_selector alignment vertical_padding horizontal_padding z_index "
    "hide_default_launcher hide_notifications session_duration action_color background_color link_color theme_mode "
    "messenger_style_id installation_type installation_version widget page_title".split()
)
IDENTITY_KEYS: Final = frozenset(
    "user_id user_hash intercom_user_jwt token auth_tokens anonymous_id anonymous_session anonymous_email "
    "external_id contact_id device_identifier".split()
)
REGISTERED_CLAIMS: Final = frozenset("iss sub aud exp nbf iat jti".split())
SERVER_FIELDS: Final = frozenset(
    "id type role workspace_id updated_at last_request_at last_seen_at last_replied_at last_contacted_at "
    "session_count anonymous pseudonym has_hard_bounced marked_email_as_spam owner_id browser_language "
    "custom_attributes tags notes segments location location_data social_profiles".split()
)
RESERVED: Final = SETTINGS_KEYS | IDENTITY_KEYS | REGISTERED_CLAIMS | SERVER_FIELDS
"""What neither a page nor a token may write under these names."""
_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Letters and marks that show nothing; categories C and Z hold the others."""
NOT_SUPPORTED: Final = frozenset({"company", "companies"})


def fold(name: str) -> str:
    """The form in which two names must differ to be two names."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def replaced(raw_name: str) -> str:
    """The name as Intercom's Messenger writes it: punctuation and symbols become `_`, currency signs but `$` stay."""
    return "".join(character if _stays(character) else "_" for character in raw_name)


def _stays(character: str) -> bool:
    if character.isalnum() or character in "_- ":
        return True
    category = unicodedata.category(character)
    return not (category[0] in "PS" and (category != "Sc" or character == "$"))


def fault_of(name: str) -> Reason | None:
    """Why a resolved name cannot name an attribute, or None. Not checked here: whether it exists or collides."""
    if name in NOT_SUPPORTED:
        return Reason.NOT_SUPPORTED
    if name in RESERVED or fold(name) in IDENTITY_KEYS:
        return Reason.RESERVED_NAME
    if not name or len(name) > MAX_LENGTH or name != name.strip() or not name.strip("_"):
        return Reason.INVALID_NAME
    if any(map(_shows_nothing, name)):
        return Reason.INVALID_NAME
    return None


def _shows_nothing(character: str) -> bool:
    if character == " " or (character.isascii() and character.isprintable()):
        return False
    return unicodedata.category(character)[0] in "CZ" or _UNSEEN.match(character) is not None


def is_plain(name: str) -> bool:
    """Whether REST takes the name as it stands, replacing nothing."""
    return fault_of(name) is None and replaced(name) == name
