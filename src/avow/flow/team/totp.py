"""Is this the code that her device shows now? Time-based one-time passwords: HMAC-SHA-1, 30 seconds, 6 digits.

- The step before and the step after count too: clocks differ. Comparing takes the same time whatever was typed.
- Which step a code belongs to is told, so that the caller can refuse it a second time.

Source: RFC 6238 (SHA-1, the variant that every authenticator knows), RFC 4226 §5.3.
"""

from __future__ import annotations

import base64
import hmac
import struct
from typing import Final

STEP: Final = 30
DIGITS: Final = 6
SECRET_BYTES: Final = 20
_DRIFT: Final = 1


def code_at(secret: bytes, step: int) -> str:
    """The six digits of a step (Unix time // 30)."""
    mac = hmac.digest(secret, struct.pack(">Q", step), "sha1")
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4]) & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def step_of(secret: bytes, raw_code: str, now: float) -> int | None:
    """The step whose code was typed, or None. Blanks within it do not count."""
    typed = "".join(raw_code.split()).encode(errors="replace")
    found = None
    for step in range(int(now) // STEP - _DRIFT, int(now) // STEP + _DRIFT + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), typed):
            found = step
    return found


def shown(secret: bytes) -> str:
    """The secret as it is typed into a device: base 32."""
    return base64.b32encode(secret).decode().rstrip("=")
