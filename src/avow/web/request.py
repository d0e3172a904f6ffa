"""What every HTTP wing needs of a request: its body within bounds, the kind of its body, its headers and its id.

- A body is refused by its announced length before any of it is read, and while it streams in as soon as it is too long.
- A compressed body is refused before it is read: nothing is unpacked here, so no body grows once it has come.
- The server (`protocol.py`) holds the same bound for every request; here it is held whatever server runs the
  application.

Source: spec §11; RFC 9110 §8.3 (Content-Type), §8.4 (Content-Encoding), §8.6 (Content-Length), §15.5.16.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from enum import StrEnum

from starlette.types import Receive, Scope

from avow.errors import BadInput, TooLarge, UnsupportedMedia

MAX_BODY = 64 * 1024
_FIELDS = "avow.fields"


class ClientGone(Exception):
    """The client left before its request was complete: there is nobody to answer, and nothing is to be done."""


class Media(StrEnum):
    """The kinds of body that are understood."""

    FORM = "application/x-www-form-urlencoded"
    JSON = "application/json"


def new_request_id(random_bytes: Callable[[int], bytes]) -> str:
    """A random UUID, which is what Intercom's clients are told. It identifies a request in answers and logs.

    It is no secret. Source: RFC 9562 §5.4.
    """
    digits = random_bytes(16).hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"


def request_id(scope: Scope) -> str:
    """The id that `boundary.py` gave to this request."""
    identifier: str = scope["avow.request_id"]
    return identifier


def header(scope: Scope, name: bytes) -> bytes | None:
    """The value of the header `name` (lower case), or None. One that comes several times is a `BadInput`."""
    fields: dict[bytes, bytes] = scope.get(_FIELDS) or fields_of(scope)
    found = fields.get(name)
    if found is None and len(fields) != len(scope["headers"]):
        times = sum(known == name for known, _ in scope["headers"])
        if times > 1:
            text = name.decode("ascii")
            raise BadInput(f"The header {text} came {times} times; send it once.", field=text, code="duplicate_field")
    return found


def fields_of(scope: Scope) -> dict[bytes, bytes]:
    """The headers that came once, by name. Whoever must not overlook one that came several times asks `header`."""
    known: dict[bytes, bytes] | None = scope.get(_FIELDS)
    if known is not None:
        return known
    headers = scope["headers"]
    fields = dict(headers)
    if len(fields) != len(headers):
        times = Counter(name for name, _ in headers)
        fields = {name: value for name, value in headers if times[name] == 1}
    scope[_FIELDS] = fields
    return fields


async def read_body(scope: Scope, receive: Receive, limit: int = MAX_BODY) -> bytes:
    """The whole body. Raises `TooLarge` beyond `limit` bytes, `UnsupportedMedia` for a compressed one, and `ClientGone`
    if the connection ends before it does.
    """
    encoding = header(scope, b"content-encoding")
    if encoding is not None:
        _refuse_compressed(encoding)
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        body: bytes = message.get("body", b"")
        if len(body) > limit:
            raise _too_large(limit)
        return body
    announced = header(scope, b"content-length")
    if announced is not None and announced.isdigit() and int(announced) > limit:
        raise _too_large(limit)
    parts = bytearray()
    while True:
        if message["type"] != "http.request":
            raise ClientGone
        parts += message.get("body", b"")
        if len(parts) > limit:
            raise _too_large(limit)
        if not message.get("more_body", False):
            return bytes(parts)
        message = await receive()


def media_type(scope: Scope) -> Media:
    """The kind of the body, where either is taken.

    Raises `UnsupportedMedia` for another kind, for none, and for a charset but UTF-8.
    """
    raw = header(scope, b"content-type")
    known = _KNOWN.get(raw)
    return _parse_media(raw, _EITHER) if known is None else known


def require_media(scope: Scope, media: Media) -> None:
    """Raise `UnsupportedMedia` for a body of another kind than the one that this address takes."""
    raw = header(scope, b"content-type")
    known = _KNOWN.get(raw)
    if (_parse_media(raw, media) if known is None else known) is not media:
        raise _other_media(media)


_EITHER = f"{Media.JSON} or {Media.FORM}"
_KNOWN: dict[bytes | None, Media] = {
    b"application/json": Media.JSON,
    b"application/json; charset=utf-8": Media.JSON,
    b"application/x-www-form-urlencoded": Media.FORM,
    b"application/x-www-form-urlencoded; charset=utf-8": Media.FORM,
}


def _parse_media(raw: bytes | None, taken: str) -> Media:
    if raw is None:
        raise UnsupportedMedia(f"The body has no Content-Type; this address takes {taken}.")
    kind, *parameters = [part.strip(" \t") for part in raw.decode("latin-1").split(";")]
    try:
        media = Media(kind.lower())
    except ValueError:
        raise _other_media(taken) from None
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.lower() == "charset" and value.strip('"').lower() not in ("utf-8", "utf8"):
            raise UnsupportedMedia("The body's charset is not UTF-8; encode it as UTF-8 and say so or say nothing.")
    return media


def _other_media(taken: str) -> UnsupportedMedia:
    return UnsupportedMedia(f"The body's Content-Type is not what this address takes; send {taken}.")


_ENCODING = re.compile(r"[a-z0-9._-]{1,32}")


def _refuse_compressed(raw: bytes) -> None:
    """Raise `UnsupportedMedia` for a Content-Encoding but `identity`. Named is only what looks like an encoding."""
    for word in raw.decode("latin-1").lower().split(","):
        encoding = word.strip(" \t")
        if encoding not in ("", "identity"):
            named = f"is {encoding}" if _ENCODING.fullmatch(encoding) else "is none that there is"
            message = f"The body's Content-Encoding {named}; send the body uncompressed, without this header."
            raise UnsupportedMedia(message, field="content-encoding")


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is longer than {limit} bytes; send less at once.")
