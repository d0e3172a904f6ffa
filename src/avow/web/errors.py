"""What every HTTP wing needs of an error: the one map from the tree of errors to a status code and an `error.list`.

- The most special class of the error decides (`StorageFull` before `Unavailable`); what is no error of ours is a 500.
- What the server refuses by itself, before any application sees it, looks the same (`Refusal`).
- An answer never carries the text of an exception that is not of our tree, nor does a log: such texts quote values.

Source: spec §11; contract/intercom-notes.md §4.1 (errors, 410); RFC 9110 §10.2.3, §11.6.1, §15.5; RFC 6585 §5.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator

import msgspec
from starlette.exceptions import HTTPException

from avow import errors
from avow.web.limits import Allowance, headers
from avow.web.request import MAX_BODY
from avow.web.responses import JSON, Answer, Header

STATUS: dict[type[BaseException], int] = {
    errors.BadInput: 400,
    errors.NotAuthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.TooLarge: 413,
    errors.UnsupportedMedia: 415,
    errors.Unprocessable: 422,
    errors.RateLimited: 429,
    errors.Unavailable: 503,
    errors.StorageFull: 507,
}

# What Starlette's router raises by itself; its own texts are not used.
ROUTER: dict[int, tuple[str, str]] = {
    400: ("bad_request", "The request cannot be understood. Compare it with the documentation of this address."),
    404: ("not_found", "There is nothing at this address. Check the path against the documentation."),
    405: ("method_not_allowed", "This address does not take this method. The Allow header names those it takes."),
}

SERVER_ERROR = "Something went wrong on the server, and it has been noted. Quote the request id when you report it."

MAX_FRAMES = 20
MAX_CAUSES = 5


class ErrorEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong: a stable code, what was found and expected, and the field at fault if there is one."""

    code: str
    message: str
    field: str | None = None


class ErrorList(msgspec.Struct, frozen=True):
    """The body of every refusal."""

    type: str
    request_id: str
    errors: list[ErrorEntry]


def answer(error: BaseException, request_id: str) -> Answer:
    """The answer that `error` deserves. Nothing is logged here; see `describe` for what may be."""
    if isinstance(error, HTTPException):
        return _router_answer(error, request_id)
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    if status == 500:
        entries = [ErrorEntry("server_error", SERVER_ERROR)]
    elif isinstance(error, errors.BadInputs):
        entries = [ErrorEntry(one.code, one.message, one.field) for one in error.errors]
    else:
        assert isinstance(error, errors.AvowError)  # the table above holds no other
        entries = [ErrorEntry(error.code, error.message, error.field)]
    return Answer(status, body(entries, request_id), (JSON, *_headers(error)))


def body(entries: list[ErrorEntry], request_id: str) -> bytes:
    """The bytes of an `error.list`. A message or field that is not Unicode text is made so."""
    try:
        return msgspec.json.encode(ErrorList("error.list", request_id, entries))
    except UnicodeEncodeError:
        clean = [ErrorEntry(one.code, _as_text(one.message), one.field and _as_text(one.field)) for one in entries]
        return msgspec.json.encode(ErrorList("error.list", request_id, clean))


def is_ours(error: BaseException) -> bool:
    """Whether `error` was foreseen, so that its answer says all there is to say and nobody need look at the server."""
    return isinstance(error, HTTPException) or any(kind in STATUS for kind in type(error).__mro__)


def describe(error: BaseException) -> str:
    """Where `error` came from, for the log: types, files and lines of it and its causes, and none of their texts."""
    parts = []
    for one in _causes(error):
        frames = traceback.extract_tb(one.__traceback__)[-MAX_FRAMES:]
        places = " > ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
        parts.append(f"{type(one).__module__}.{type(one).__qualname__} at {places or 'unknown place'}")
    return ", caused by ".join(parts)


def _router_answer(error: HTTPException, request_id: str) -> Answer:
    otherwise = ROUTER[400] if error.status_code < 500 else ("server_error", SERVER_ERROR)
    code, message = ROUTER.get(error.status_code, otherwise)
    allowed = tuple(
        (b"allow", value.encode("latin-1")) for name, value in (error.headers or {}).items() if name.lower() == "allow"
    )
    return Answer(error.status_code, body([ErrorEntry(code, message)], request_id), (JSON, *allowed))


def _headers(error: BaseException) -> Iterator[Header]:
    if isinstance(error, errors.NotAuthenticated) and not isinstance(error, errors.TokenRefused):
        yield b"www-authenticate", b"Bearer"  # REST; a Messenger's token is no credential of HTTP
    elif isinstance(error, errors.Gone):
        yield b"link", b'</contacts/%s>; rel="canonical"' % error.successor.encode("ascii")
    elif isinstance(error, errors.RateLimited):
        yield from when_to_come_back(error)
    elif isinstance(error, errors.Unavailable) and not isinstance(error, errors.StorageFull):
        yield b"retry-after", b"1"


def when_to_come_back(error: errors.RateLimited) -> Iterator[Header]:
    """The headers of a 429, of whatever form its body is."""
    yield b"retry-after", b"%d" % error.retry_after
    if error.limit is not None:
        yield from headers(Allowance(error.limit, 0, error.reset_at, allowed=False))


def _causes(error: BaseException) -> Iterator[BaseException]:
    one: BaseException | None = error
    for _ in range(MAX_CAUSES):
        if one is None:
            return
        yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


def _as_text(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


class Refusal(msgspec.Struct, frozen=True):
    """An answer that the server gives by itself."""

    status: int
    code: str
    message: str
    headers: tuple[Header, ...] = ()


class Refused(Exception):
    """Stops the parser in the middle of its work."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


MALFORMED = Refusal(400, "bad_request", "This is not a request of HTTP/1.1. Compare it with RFC 9112.")
BAD_TARGET = Refusal(
    400, "bad_request", "The address has escapes that are not UTF-8 text, or U+0000. Encode its parts as UTF-8."
)
HEAD_SLOW = Refusal(408, "request_timeout", "The head of the request did not arrive in time. Send it at once.")
BODY_SLOW = Refusal(408, "request_timeout", "The body of the request did not arrive in time. Send it at once.")
BODY_TOO_LARGE = Refusal(
    413, "request_too_large", f"The body is longer than {MAX_BODY} bytes, which this server takes. Send less at once."
)
HEAD_TOO_LARGE = Refusal(
    431, "request_headers_too_large", "The head of the request is too long or has too many fields. Send fewer."
)
CROWDED = Refusal(
    503,
    "service_unavailable",
    "Too many connections at the moment. Close idle ones, or try again.",
    ((b"retry-after", b"1"),),
)

# Never said, because there are answers before it: the connection ends after those, and the client asks again.
LEAVING = CROWDED
TOO_MANY_WAITING = CROWDED
