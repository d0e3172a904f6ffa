"""May this text be taken as JSON that everybody reads alike? One strict reading for tokens and for request bodies.

- UTF-8 only: no byte order mark, no UTF-16 or UTF-32, no overlong or cut sequences.
- No name twice in one object, at any level, however its letters are escaped.
- No NaN or Infinity, nothing that overflows to it, no number of more than 308 characters.
- No U+0000 and no lone surrogate in any string or name, escaped or not; no raw control characters in strings.
- Containers nest at most `max_depth` deep, counted before the parser sees them: depth costs no stack.

Source: RFC 8259 with the restrictions of RFC 7493 (I-JSON); spec §4 V2 and V7, §11. The parser is that of `json`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from json.scanner import make_scanner
from math import isinf

import msgspec

_WHITESPACE = " \t\n\r"
_MAX_NUMBER = 308
_OPEN_AND_CLOSE = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_NAME_SHOWN = 64
_FEW_DIGITS = 300
_NOT_PLAIN = object()
_decode = msgspec.json.Decoder().decode


class StrictJsonError(ValueError):
    """The text is not JSON, or not the strict kind. The message never repeats a value."""


class DuplicateName(StrictJsonError):
    """One object names a member twice. `name` is that name, safe to encode and to store."""

    def __init__(self, name: str) -> None:
        shown = name if len(name) <= _NAME_SHOWN else name[:_NAME_SHOWN] + "…"
        super().__init__(f"the name {shown!r} occurs twice in one JSON object; expected every name once")
        self.name = name


def loads(raw: bytes, *, max_depth: int) -> object:
    """The value that `raw` holds: dicts, lists, str, int, finite float, bool, None.

    `max_depth` counts containers: `{}` is 1 deep. The number of bytes is the caller's to bound.
    Raises `StrictJsonError`, and `DuplicateName` for a name that occurs twice.
    """
    may_be_deep = raw.count(b"[") + raw.count(b"{") > max_depth
    if not may_be_deep and (plain := _plain(raw)) is not _NOT_PLAIN:
        return plain
    try:
        text = raw.decode("utf-8").strip(_WHITESPACE)
    except UnicodeDecodeError as error:
        raise StrictJsonError(f"byte {error.start} is not UTF-8; expected JSON in UTF-8") from None
    if may_be_deep and _is_deeper_than(raw, max_depth):
        raise StrictJsonError(f"the JSON nests deeper than {max_depth} levels, or its brackets do not match")
    try:
        value, end = _scan(text, 0)
    except StopIteration as error:
        raise _not_json(text, error.value, "Expecting a value") from None
    except json.JSONDecodeError as error:
        raise _not_json(text, error.pos, error.msg) from None
    if end != len(text):
        raise StrictJsonError(f"something follows the JSON value at character {end}; expected one value and no more")
    # Unescaped, neither can come this far: UTF-8 has no surrogates, and the parser refuses raw control characters.
    if b"\\" in raw and (b"\\u0000" in raw or b"\\ud" in raw or b"\\uD" in raw):
        _refuse_unstorable(value)
    return value


def _plain(raw: bytes) -> object:
    """The value, if a quick look shows that nothing above can be wrong with it; else `_NOT_PLAIN`: the slow way goes.

    Without escapes and beyond ASCII there is nothing unstorable. A text with fewer digits than a number may have
    characters holds no number that is too long. Where no blank follows a quote, every name ends with `":`, and so may
    a string begin: if there are no more of these than members, no member got lost.
    """
    find = raw.find  # several times as fast as `in`, which takes bytes for a number first
    if find(b"\\") >= 0 or not raw.isascii():
        return _NOT_PLAIN
    if len(raw) >= _FEW_DIGITS and len(raw) - len(raw.translate(None, b"0123456789")) >= _FEW_DIGITS:
        return _NOT_PLAIN
    if find(b"\n") >= 0 or find(b"\t") >= 0 or find(b"\r") >= 0 or (find(b" ") >= 0 and find(b'" ') >= 0):
        return _NOT_PLAIN
    try:
        value: object = _decode(raw)
    except msgspec.DecodeError:
        return _NOT_PLAIN
    return value if _members(value) == raw.count(b'":') else _NOT_PLAIN


def _members(value: object) -> int:
    inner: Iterable[object]
    if type(value) is dict:
        count, inner = len(value), value.values()
    elif type(value) is list:
        count, inner = 0, value
    else:
        return 0
    kinds = set(map(type, inner))
    if dict in kinds or list in kinds:
        count += sum(map(_members, inner))
    return count


def _is_deeper_than(raw: bytes, limit: int) -> bool:
    """Whether containers nest deeper than `limit`, told without a stack: each pass takes away the innermost pairs.

    Brackets left over are too deep or unmatched; the parser must see neither. Where quotes are malformed, this reading
    and the parser's agree up to the first fault, and nothing after it can make a deep beginning shallower.
    """
    unescaped = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    outside_strings = b"".join(unescaped.split(b'"')[::2])
    brackets = outside_strings.translate(_OPEN_AND_CLOSE, _NOT_BRACKETS)
    for _ in range(limit):
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        name = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        _refuse_unstorable(name)
        raise DuplicateName(name)
    return members


def _integer(digits: str) -> int:
    if len(digits) > _MAX_NUMBER:
        raise StrictJsonError(f"a number of {len(digits)} characters; expected at most {_MAX_NUMBER}")
    return int(digits)


def _float(digits: str) -> float:
    if len(digits) > _MAX_NUMBER:
        raise StrictJsonError(f"a number of {len(digits)} characters; expected at most {_MAX_NUMBER}")
    number = float(digits)
    if isinf(number):
        raise StrictJsonError("a number too large for a double; expected a finite number")
    return number


def _constant(word: str) -> object:
    raise StrictJsonError(f"found {word}; expected a finite number")


def _refuse_unstorable(value: object) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise StrictJsonError("a string or name holds U+0000; expected text without it")
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise StrictJsonError("a string or name holds a lone surrogate; expected whole characters")
    elif isinstance(value, dict):
        for name, member in value.items():
            _refuse_unstorable(name)
            _refuse_unstorable(member)
    elif isinstance(value, list):
        for member in value:
            _refuse_unstorable(member)


def _not_json(text: str, position: int, message: str) -> StrictJsonError:
    if text.startswith("\ufeff"):
        return StrictJsonError("the text begins with a byte order mark; expected JSON in UTF-8 without one")
    if "\0" in text[:4]:
        return StrictJsonError("the text looks like UTF-16 or UTF-32; expected JSON in UTF-8")
    return StrictJsonError(f"not JSON at character {position}: {message}")


# typeshed has the scanner take a scanner; it takes whatever has a decoder's attributes.
_scan: Callable[[str, int], tuple[object, int]] = make_scanner(
    json.JSONDecoder(  # type: ignore[arg-type]
        object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant, strict=True
    )
)
