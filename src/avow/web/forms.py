"""What every HTTP wing needs of a form: the fields of an `application/x-www-form-urlencoded` body, or why it has none.

- Strict: a `%` is followed by two hex digits, names and values are UTF-8 without U+0000, a name is not empty and comes
  once. Only `name[]` may come several times; `name` and `name[]` together are a duplicate. At most 200 fields.
- Nothing is guessed: of two values for one name neither is taken, so no proxy and no signature can have seen another
  one.
- Values are never repeated in an error, and a name only if it is a plain one. No error says "form" or "query": an
  address's query is read here too.

Source: https://url.spec.whatwg.org/#urlencoded-parsing (which is laxer); contract/intercom-notes.md §3.4; spec §4, §11.
"""

from __future__ import annotations

import re

import msgspec

from avow.errors import BadInput

MAX_FIELDS = 200

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}(\[\])?")

# The escapes that JSON inside a form is full of, as `encodeURIComponent` writes them. None of the characters is a hex
# digit or a percent sign, so replacing one can neither complete nor break another escape: what was malformed stays
# malformed.
_FREQUENT = (
    (b"%22", b'"'),
    (b"%2C", b","),
    (b"%3A", b":"),
    (b"%2F", b"/"),
    (b"%20", b" "),
    (b"%7B", b"{"),
    (b"%7D", b"}"),
)
_ENOUGH_TO_REPLACE = 12

_ESCAPES = {
    bytes((first, second)): bytes((int(bytes((first, second)), 16),))
    for first in b"0123456789abcdefABCDEF"
    for second in b"0123456789abcdefABCDEF"
}


class Form(msgspec.Struct, frozen=True):
    """A decoded form. `single` holds fields with one value, `lists` those that came as `name[]`, without brackets."""

    single: dict[str, str]
    lists: dict[str, list[str]]

    def get(self, name: str) -> str | None:
        """The value of `name`, or None if it did not come."""
        return self.single.get(name)

    def all(self, name: str) -> list[str]:
        """The values of `name[]` in the order they came."""
        return self.lists.get(name, [])


def parse_form(body: bytes) -> Form:
    """Decode `body`. Raises `BadInput`; its length is bounded by whoever read it."""
    if body.count(b"&") >= MAX_FIELDS:
        raise BadInput(f"There are more than {MAX_FIELDS} fields; send fewer.", code="parameter_invalid")
    text = _as_text(body.replace(b"+", b" "), "")
    single: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    for pair in text.split("&"):
        name, _, value = pair.partition("=")
        if "%" in name:
            name = _unescape(name, "")
        if "%" in value:
            value = _unescape(value, name)
        if name.endswith("[]"):
            lists.setdefault(name[:-2], []).append(value)
        elif name in single:
            raise _duplicate(name)
        elif pair:
            single[name] = value
    _check_names(single, lists)
    return Form(single, lists)


def _check_names(single: dict[str, str], lists: dict[str, list[str]]) -> None:
    if "" in single or "" in lists:
        raise BadInput("There is a field without a name; name it or leave it out.", code="parameter_invalid")
    if lists:
        for name in lists:
            if name in single:
                raise _duplicate(name)


def _unescape(text: str, name: str) -> str:
    """A name or value without its escapes; `name` is the field that an error speaks of."""
    raw = text.encode()
    if raw.count(b"%") > _ENOUGH_TO_REPLACE:
        for escape, character in _FREQUENT:
            raw = raw.replace(escape, character)
    first, *pieces = raw.split(b"%")
    try:
        raw = first + b"".join([_ESCAPES[piece[:2]] + piece[2:] for piece in pieces])
    except KeyError:
        raise _malformed(name, "a percent sign that two hex digits do not follow", "write %25 for it") from None
    return _as_text(raw, name)


def _as_text(raw: bytes, name: str) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed(name, "bytes that are not UTF-8", "encode the text as UTF-8 first") from None
    if "\0" in text:
        raise _malformed(name, "the character U+0000", "leave it out")
    return text


def _malformed(name: str, found: str, advice: str) -> BadInput:
    field = _plain(name)
    return BadInput(
        f"{f'The field {field}' if field else 'What was sent'} has {found}; {advice}.",
        field=field,
        code="parameter_invalid",
    )


def _duplicate(name: str) -> BadInput:
    field = _plain(name)
    return BadInput(
        f"{f'The field {field}' if field else 'A field'} came more than once; send it once.",
        field=field,
        code="duplicate_field",
    )


def _plain(name: str) -> str | None:
    return name if _PLAIN_NAME.fullmatch(name) else None
