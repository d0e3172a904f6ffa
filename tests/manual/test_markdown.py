"""A page's source becomes HTML that shows what was meant, and runs nothing of what was written."""

from __future__ import annotations

import msgspec
import pytest

from avow.manual import markdown
from avow.manual.colours import coloured
from avow.manual.openapi.samples import completed, named, sample
from avow.manual.openapi.schemas import Schemas
from avow.manual.reading.words import kind
from avow.web.operations import ContactId, Told


def test_html_in_a_source_is_text_and_comments_are_not_shown() -> None:
    shown = markdown.rendered("<!-- begins with: a server -->\n# A <script>alert(1)</script>\n", "README.md")
    assert "<script" not in shown
    assert "begins with" not in shown


def test_links_lead_to_addresses_and_those_out_of_the_documentation_are_text() -> None:
    source = "[one](errors.md#codes) [two](reasons/stale.md) [three](../../SECURITY.md) [four](https://example.com)"
    shown = markdown.rendered(source, "reference/http.md")
    assert '<a href="/docs/reference/errors#codes">one</a>' in shown
    assert '<a href="/docs/reasons/stale">two</a>' in shown
    assert " three " in shown
    assert '<a href="https://example.com" rel="noreferrer">four</a>' in shown
    moved = markdown.with_addresses(source, "reference/http.md")
    assert moved.startswith("[one](/docs/reference/errors#codes) [two](/docs/reasons/stale) three ")


def test_a_javascript_address_is_no_link() -> None:
    assert "href" not in markdown.rendered("[x](javascript:alert(1))", "README.md")


def test_what_was_asked_stands_above_its_block() -> None:
    shown = markdown.rendered('```json POST /contacts\n{"a": 1}\n```\n', "reference/http.md")
    assert '<figcaption class="asked">POST /contacts</figcaption>' in shown


@pytest.mark.parametrize("text", ['{"a": "<b>&", "n": -1.5e3, "w": [true, null]}', "no JSON <at> all", '"open', "…{…"])
def test_colours_change_no_letter(text: str) -> None:
    import html
    import re

    assert html.unescape(re.sub(r"</?span[^>]*>", "", coloured(text))) == text


class _Part(Told, frozen=True, kw_only=True):
    """A part."""

    id: ContactId
    word: str | None


class _Whole(Told, tag_field="type", tag="whole", frozen=True, kw_only=True):
    """A whole."""

    part: _Part
    parts: list[_Part]
    count: int = 7


def test_an_example_is_made_whole_by_its_schema() -> None:
    schemas = Schemas([_Whole])
    told = completed({"part": {"id": "<alice>", "…": "…"}, "parts": ["…"], "…": "…"}, schemas.of(_Whole), schemas)
    assert told == {"type": "whole", "part": {"id": named("<alice>"), "word": None}, "parts": []}
    assert msgspec.convert(told, _Whole).part.id == named("<alice>")
    assert sample(schemas.of(_Whole), schemas)["part"]["word"] is None


def test_types_are_said_in_words() -> None:
    assert kind({"type": "string", "minLength": 1, "maxLength": 190}) == "text, 1 to 190 characters"
    assert kind({"anyOf": [{"$ref": "#/components/schemas/Tag"}, {"type": "null"}]}) == (
        '<a href="#type-Tag">Tag</a> or null'
    )
    assert kind({"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 150}}) == (
        "list of whole number, 1 to 150"
    )
    assert kind({"const": "<x>"}) == "<code>&lt;x&gt;</code>"
