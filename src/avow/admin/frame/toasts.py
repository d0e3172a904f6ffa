"""What was just done, and how is it undone? A line at the foot of the next page, carried there by a signed cookie.

The cookie holds the sentence and, where there is one, the form that undoes it: an address of ours and its fields. It is
signed, so that nobody else's words are ever shown as ours, and gone with the page that showed it.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Final

import msgspec

from avow.flow.rules.sealing import derived
from avow.trust.words import Word

MAX_TOAST: Final = 3_600
_MAC_BYTES: Final = 16
SHOWN_FOR: Final = 60


class Tone(Word):
    """How it went."""

    DONE = "done"
    NOTE = "note"
    FAILED = "failed"


class Toast(msgspec.Struct, frozen=True, array_like=True):
    """One line. `undo` is the address that takes `fields` and puts things back; `label` what its button says."""

    text: str
    tone: Tone = Tone.DONE
    undo: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    label: str = "Undo"


def sealed(toast: Toast, master_key: bytes) -> str:
    """The cookie's value. What is too long to be carried goes without its undoing."""
    body = msgspec.json.encode(toast)
    if len(body) * 4 > MAX_TOAST * 3 - _MAC_BYTES * 4:
        body = msgspec.json.encode(Toast(toast.text[:500], toast.tone))
    return base64.urlsafe_b64encode(_mac(body, master_key) + body).decode().rstrip("=")


def opened(raw_value: str, master_key: bytes) -> Toast | None:
    """The toast of a cookie, if it is one of ours."""
    try:
        raw = base64.urlsafe_b64decode(raw_value + "=" * (-len(raw_value) % 4))
        mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, _mac(body, master_key)):
            return None
        return msgspec.json.decode(body, type=Toast)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        return None


def _mac(body: bytes, master_key: bytes) -> bytes:
    return hmac.digest(derived(master_key, "toast"), body, "sha256")[:_MAC_BYTES]
