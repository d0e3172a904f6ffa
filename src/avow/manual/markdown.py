"""How does a page's source become HTML? CommonMark with tables, no HTML of its own, and links that lead somewhere.

- Headings get the anchors that links on other pages name. Comments in the source are not shown.
- A fenced block may say more than its language (`json POST /contacts`, `json 200`): it stands above it as a caption.

Source: https://spec.commonmark.org; the anchors are those that forges give (`tests/docs` hold that links find them).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from html import escape
from itertools import pairwise
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

from avow.manual import addresses
from avow.manual.colours import coloured

_COMMENT: Final = re.compile(r"^<!--.*?-->\n?", re.MULTILINE | re.DOTALL)
_REQUEST: Final = re.compile(r"(?:GET|POST|PUT|DELETE) /")
_INLINE: Final = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^()\s]+)\)")


def rendered(source: str, name: str) -> Markup:
    """The page `name` as HTML."""
    reader = _reader()
    tokens = reader.parse(_COMMENT.sub("", source))
    _anchor(tokens)
    _link(tokens, name)
    _unhead(tokens)
    return Markup(reader.renderer.render(tokens, reader.options, {}))  # noqa: S704 - HTML in the source is escaped


def title_of(source: str) -> str:
    """The page's own title, as text."""
    found = re.search(r"^# (.+)$", source, re.MULTILINE)
    return re.sub(r"[`*]", "", found[1]) if found else ""


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.add_render_rule("fence", _fence)
    reader.add_render_rule("table_open", _table_open)
    reader.add_render_rule("table_close", _table_close)
    return reader


def _fence(_renderer: RendererHTML, tokens: Sequence[Token], at: int, *_more: Any) -> str:
    language, _, caption = tokens[at].info.strip().partition(" ")
    return str(block(tokens[at].content, language, caption))


def block(text: str, language: str, caption: str = "") -> Markup:
    """A block of code, coloured where it is JSON; what was asked and how it ended stands above."""
    kind = "asked" if _REQUEST.match(caption) else "told"
    head = f'<figcaption class="{kind}">{escape(caption)}</figcaption>' if caption else ""
    shown = coloured(text) if language == "json" else escape(text)
    return Markup(f'<figure class="code">{head}<pre tabindex="0"><code>{shown}</code></pre></figure>')  # noqa: S704


def _table_open(*_: Any) -> str:
    return '<div class="wide" tabindex="0"><table>\n'


def _table_close(*_: Any) -> str:
    return "</table></div>\n"


def _anchor(tokens: Sequence[Token]) -> None:
    seen: dict[str, int] = {}
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            words = "".join(one.content for one in inline.children or () if one.type in ("text", "code_inline"))
            slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            count = seen[slug] = seen.get(slug, -1) + 1
            opening.attrSet("id", slug if not count else f"{slug}-{count}")


def _unhead(tokens: Sequence[Token]) -> None:
    """An empty cell heads nothing."""
    for opening, inline, closing in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if opening.type == "th_open" and not inline.content:
            opening.tag = closing.tag = "td"


def _link(tokens: Sequence[Token], name: str) -> None:
    for token in tokens:
        for part in token.children or ():
            if part.type == "link_open":
                _lead(part, addresses.target(name, str(part.attrGet("href"))))
            elif part.type == "image":
                part.attrSet("src", addresses.target(name, str(part.attrGet("src"))) or "")
        if token.children:
            token.children = _without_dead_ends(token.children)


def _lead(link: Token, where: str | None) -> None:
    if where is None:
        link.meta["dead"] = True
        return
    link.attrSet("href", where)
    if not where.startswith(("#", "/")):
        link.attrSet("rel", "noreferrer")


def _without_dead_ends(parts: Sequence[Token]) -> list[Token]:
    kept: list[Token] = []
    inside_dead = False
    for part in parts:
        if part.type == "link_open" and part.meta.get("dead"):
            inside_dead = True
        elif part.type == "link_close" and inside_dead:
            inside_dead = False
        else:
            kept.append(part)
    return kept


def with_addresses(source: str, name: str) -> str:
    """A part of the page `name`, as Markdown that may be read elsewhere: its links are addresses of this server."""

    def there(found: re.Match[str]) -> str:
        where = addresses.target(name, found[2])
        if where is None:
            return found[1]
        return f"[{found[1]}]({addresses.address_of(name) + where if where.startswith('#') else where})"

    return _INLINE.sub(there, source)
