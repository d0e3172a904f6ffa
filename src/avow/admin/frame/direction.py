"""What keeps a text from turning its line round? Characters that change the direction of others are shown by name.

`U+202E` before "gnp.exe" reads as "exe.png", with "Verified" beside it. Letters that run from right to left by
themselves stay as they are, and so does what is edited, sent or copied.

- It is done to every page as a whole: no template can forget it.
- Among words the name stands in a mark of its own; where no element may stand, in plain letters.
- What a form holds (`value`, a text area) and what a button copies (`data-text`) is the true text.

Source: Unicode Standard Annex 9; issue "Hostile content shows as text everywhere".
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_TURNS: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_PIECE: Final = re.compile(r"""<(?:[^"'<>]|"[^"]*"|'[^']*')*>|[^<]+|<""")
_ELEMENT: Final = re.compile(r"</?([a-z]+)")
_READ: Final = re.compile(r'(\s(?:title|alt|label|placeholder|aria-label|data-label)=)("[^"]*")')
_KEPT: Final = frozenset({"textarea", "script", "style"})
_LETTERS_ONLY: Final = frozenset({"title", "option", "text"})


def shown(page: str) -> str:
    """A page, with every such character in what is read of it shown by its name."""
    if _TURNS.search(page) is None:
        return page
    within = ""
    pieces = []
    for piece in _PIECE.findall(page):
        if piece.startswith("<") and (element := _ELEMENT.match(piece)):
            pieces.append(_READ.sub(lambda found: found[1] + _TURNS.sub(_letters, found[2]), piece))
            within = "" if piece.startswith("</") else element[1]
        elif within in _KEPT:
            pieces.append(piece)
        else:
            pieces.append(_TURNS.sub(_letters if within in _LETTERS_ONLY else _mark, piece))
    return "".join(pieces)


def _letters(found: re.Match[str]) -> str:
    return f"[U+{ord(found[0]):04X}]"


def _mark(found: re.Match[str]) -> str:
    return f'<span class="turns" title="{unicodedata.name(found[0]).capitalize()}">{_letters(found)}</span>'
