"""How does a note become HTML that no screen need be afraid of? By writing every tag ourselves.

- Text becomes paragraphs: an empty line begins a new one, a line end is a `<br>`. Whatever looks like HTML is text.
- A note that begins with `<p>` was a note before (read here, or taken out of Intercom): its plain tags are kept, as far
  as they are closed in order. Tags with attributes, and all others, are text.

Source: contract/intercom-notes.md §4.2 ("stored as HTML `<p>`").
"""

from __future__ import annotations

import html
import re
from typing import Final

_TAG: Final = re.compile(r"(</?(?:p|b|strong|i|em|u|ul|ol|li|br)>)")
_EMPTY_LINE: Final = re.compile(r"\n[ \t]*\n\s*")


def safe_html(raw_text: str) -> str:
    """The note as HTML. Of the text itself nothing is lost but line ends."""
    text = raw_text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return _kept(text) if text.startswith("<p>") else _paragraphs(text)


def _paragraphs(text: str) -> str:
    parts = (html.escape(part).replace("\n", "<br>") for part in _EMPTY_LINE.split(text))
    return "".join(f"<p>{part}</p>" for part in parts)


def _kept(text: str) -> str:
    written: list[str] = []
    standing: list[str] = []
    for part in _TAG.split(text):
        name = part.strip("</>")
        if not _TAG.fullmatch(part):
            # What was escaped once is not escaped twice.
            written.append(html.escape(html.unescape(part)))
        elif name == "br":
            written.append("<br>")
        elif not part.startswith("</"):
            standing.append(name)
            written.append(part)
        elif standing and standing[-1] == name:
            standing.pop()
            written.append(part)
        else:
            written.append(html.escape(part))
    return "".join((*written, *(f"</{name}>" for name in reversed(standing))))
