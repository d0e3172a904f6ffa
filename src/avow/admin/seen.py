"""What had she seen when she began to type? Beside a field goes what stood in it: nobody writes over what is unseen.

- Only what was edited is written. What somebody else has changed meanwhile is refused (409), and the page shows beside
  hers what stands there now: saving again is her decision. A field that she did not touch shows what stands there now.
- What stood there is compared in the transaction that writes: `edited` is called within it.

Source: docs/decisions/0047.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from avow.admin.frame.visit import Visit
from avow.errors import Conflict

_NO_BREAKS: Final = str.maketrans("", "", "\r\n")

Read = Callable[[str], object]
"""What a text means: two that mean the same are no edit."""


class FieldSeen(msgspec.Struct, frozen=True):
    """A field of text. `seen` goes with it, `wrong` is what is wrong with what she typed.

    `now` is what stands there where it is another text than she saw when she began, else None.
    """

    text: str
    seen: str
    wrong: str = ""
    now: str | None = None


def one_line(text: str) -> str:
    """A text as a field of one line has it: a browser drops line breaks there."""
    return text.translate(_NO_BREAKS)


def lines(text: str) -> tuple[str, ...]:
    """The lines of a text that are not blank."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def shown(visit: Visit, name: str, stands: str, read: Read = one_line) -> FieldSeen:
    """A field of what stands there; where its form comes back with a fault, with what she typed."""
    typed, before = visit.form.get(name), visit.form.get(f"seen_{name}")
    if visit.fault is None or typed is None or before is None or read(typed) == read(before):
        return FieldSeen(stands, stands)
    moved = read(stands) not in (read(before), read(typed))
    wrong = "" if isinstance(visit.fault, Conflict) else visit.fault_of(name) or ""
    return FieldSeen(typed, stands, wrong, ", ".join(lines(stands)) if moved else None)


def edited(visit: Visit, name: str, stands: str, read: Read = one_line) -> str | None:
    """What she typed, None where she left the field alone. Raises `Conflict` where she has not seen what stands."""
    typed, before = visit.need(name), visit.need(f"seen_{name}")
    if read(typed) == read(before):
        return None
    if read(stands) not in (read(before), read(typed)):
        raise Conflict("Somebody has changed this since you opened the page. Nothing was saved.", field=name)
    return typed
