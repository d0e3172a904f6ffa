"""What does a page say beside its token? The claims and values of `user_data`, for a request that nobody has sent yet.

It is read as the Messenger's door reads it (`messenger/envelope.py`): claims apart, everything else a value.
Source: spec §4, §5; contract/intercom-notes.md §3.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from avow.errors import BadInput
from avow.trust.identity import fold_email
from avow.trust.token_checks.user_id import MAX_USER_ID, user_id_of
from avow.trust.weighing.names import IDENTITY_KEYS

MAX_VALUES: Final = 100
MAX_EMAIL: Final = 255


class Payload(msgspec.Struct, frozen=True):
    """Claims that nobody has proven, and values outside the token, under the names that the page uses."""

    unproven_user_id: str | None = None
    unproven_email: str | None = None
    raw_user_hash: object = None
    raw_values: Mapping[str, object] = {}

    @property
    def folded_email(self) -> str | None:
        """The address as addresses are compared."""
        return None if self.unproven_email is None else fold_email(self.unproven_email)


def payload_of(raw: Mapping[str, object]) -> Payload:
    """The parts of a `user_data`. Raises `BadInput`, also for a token in it: that is asked about by itself."""
    for name in ("intercom_user_jwt", "token"):
        if raw.get(name) is not None:
            raise BadInput(f"user_data holds {name}. Send the token as token, beside user_data.", field="user_data")
    raw_values = {name: value for name, value in raw.items() if name not in IDENTITY_KEYS}
    if len(raw_values) > MAX_VALUES:
        raise BadInput(f"user_data has {len(raw_values)} attributes; send at most {MAX_VALUES}.", field="user_data")
    raw_email, raw_hash = raw.get("email"), raw.get("user_hash")
    email = raw_email if isinstance(raw_email, str) and raw_email.strip() and len(raw_email) <= MAX_EMAIL else None
    return Payload(_user_id(raw.get("user_id")), email, None if raw_hash == "" else raw_hash, raw_values)


def _user_id(raw: object) -> str | None:
    if raw is None or raw == "":
        return None
    user_id = user_id_of(raw)
    if user_id is None:
        raise BadInput(f"user_id is not a text of 1 to {MAX_USER_ID} characters that is not blank.", field="user_id")
    return user_id
