"""What is a user id? One rule for tokens, unsigned claims and signing (spec §4 V8).

- A non-empty string of at most 255 characters, not only blanks, kept byte for byte: no trimming, no folding.
- An integer is taken as its decimal text; a boolean, a float or anything else is not an id.
- Blanks are whitespace, control characters and characters that show nothing, in any mixture.
"""

from __future__ import annotations

from typing import Final

MAX_USER_ID: Final = 255

_UNSEEN: Final = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\ufeff\uffa0"
_BLANKS: Final = (
    "".join(chr(code) for code in (*range(0x21), *range(0x7F, 0xA1), 0x1680, 0x3000, *range(0xFE00, 0xFE10)))
    + "".join(chr(code) for code in (*range(0x2000, 0x2010), *range(0x2028, 0x2030), *range(0x205F, 0x2070)))
    + _UNSEEN
)


def user_id_of(raw_user_id: object) -> str | None:
    """The id that a raw value stands for, or None where it stands for none. Proves nothing about whose id it is."""
    if type(raw_user_id) is int:
        user_id = _decimal(raw_user_id)
    elif isinstance(raw_user_id, str):
        user_id = raw_user_id
    else:
        return None
    if len(user_id) > MAX_USER_ID or not user_id.strip(_BLANKS):
        return None
    return user_id


def _decimal(number: int) -> str:
    """Its decimal text; too long a one is not rendered at all, as rendering would be slow, or refused by Python."""
    return str(number) if number.bit_length() <= 4 * MAX_USER_ID else ""
