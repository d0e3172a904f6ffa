"""How is JSON shown so that an eye finds its way? Names, texts, numbers and words are told apart by their classes."""

from __future__ import annotations

import re
from html import escape
from typing import Final

_PART: Final = re.compile(
    r'("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\b|\b(true|false|null)\b|([^"\d\w-]+|.)'
)


def coloured(text: str) -> str:
    """HTML of a JSON text; what is no JSON is shown as it is."""
    return "".join(_span(part) for part in _PART.finditer(text))


def _span(part: re.Match[str]) -> str:
    quoted, colon, number, word, rest = part.groups()
    if quoted is not None:
        kind = "name" if colon else "text"
        return f'<span class="{kind}">{escape(quoted, quote=False)}</span>{colon or ""}'
    if number is not None or word is not None:
        return f'<span class="{"number" if number else "word"}">{number or word}</span>'
    return escape(rest, quote=False)
