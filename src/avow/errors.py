"""What can go wrong, as one tree: every error has a stable code, and one map (`web/errors.py`) gives it an HTTP status.

- A refused *value* is not an error but a verdict (`trust/decision.py`); a refused *request* is an error of this tree.
- A message says what was found, what was expected and what to do. It never repeats a secret, a token or an
  attribute's value.
"""

from __future__ import annotations


class AvowError(Exception):
    """The root. `code` is stable and documented; `field` names the part of the request that is at fault, if one is."""

    code = "server_error"

    def __init__(self, message: str, *, field: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        if code is not None:
            self.code = code


class BadInput(AvowError):
    """The request cannot be understood as it stands (400)."""

    code = "parameter_invalid"


class BadInputs(BadInput):
    """Several fields are at fault at once (400): one error for each, nothing of the request applied."""

    def __init__(self, errors: list[BadInput]) -> None:
        super().__init__("; ".join(error.message for error in errors), field=errors[0].field, code=errors[0].code)
        self.errors = errors


class NotAuthenticated(AvowError):
    """No credentials, or credentials that are not ours (401)."""

    code = "unauthorized"


class TokenRefused(NotAuthenticated):
    """A token came along and failed one of the checks V1-V12 (401). Its code is the reason; it is never "no token"."""


class Forbidden(AvowError):
    """The caller is known, or need not be, and still may not do this (403)."""

    code = "forbidden"


class NotFound(AvowError):
    """There is no such thing in this workspace (404)."""

    code = "not_found"


class Conflict(AvowError):
    """What was asked contradicts what is there, or it changed meanwhile (409)."""

    code = "conflict"


class Gone(AvowError):
    """The contact was merged into another one (410). `successor` is that one's id."""

    code = "contact_merged"

    def __init__(self, message: str, *, successor: str) -> None:
        super().__init__(message)
        self.successor = successor


class TooLarge(AvowError):
    """The body or a part of it exceeds a documented bound (413)."""

    code = "request_too_large"


class UnsupportedMedia(AvowError):
    """The body's encoding is none that this endpoint takes (415)."""

    code = "media_type_not_acceptable"


class Unprocessable(AvowError):
    """Well formed, and still impossible: a reused idempotency key, a dependent object (422)."""

    code = "data_invalid"


class RateLimited(AvowError):
    """Too many requests (429). `retry_after` is in whole seconds.

    Where it is a window of a limit, `limit` requests are used up in it, until `reset_at` (Unix seconds).
    """

    code = "rate_limit_exceeded"

    def __init__(self, message: str, *, retry_after: int, limit: int | None = None, reset_at: int = 0) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.limit = limit
        self.reset_at = reset_at


class Unavailable(AvowError):
    """The server cannot confirm its rules or reach its database, and refuses rather than guesses (503)."""

    code = "service_unavailable"


class StorageFull(Unavailable):
    """The disk is full: writes are refused, reads go on (507)."""

    code = "insufficient_storage"


class UsageError(AvowError):
    """The operator asked for something that cannot be done as asked (exit code 2 on the command line)."""

    code = "usage"
