"""What do many operations have in common? How somebody shows who she is, headers, and whatever comes again.

Source: spec §11; `web/boundary.py`, `web/limits.py`, `web/errors.py`.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

TOKEN: Final = {
    "type": "http",
    "scheme": "bearer",
    "description": "An access token, `avow_at_…`, with the scope that the operation names. `avow access-token create` "
    "makes one.",
}
_COUNT: Final = {"type": "integer", "minimum": 0}
HEADERS: Final[dict[str, dict[str, Any]]] = {
    "X-Request-Id": {
        "description": "Quote it when you report something.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9A-Za-z-]{8,64}$"},
    },
    "X-RateLimit-Limit": {"description": "Requests in this window of ten seconds.", "schema": _COUNT},
    "X-RateLimit-Remaining": {"description": "How many of them are left.", "schema": _COUNT},
    "X-RateLimit-Reset": {"description": "When the next window begins (Unix seconds).", "schema": _COUNT},
    "Retry-After": {"description": "Seconds to wait before the next try.", "schema": _COUNT},
    "Link": {
        "description": 'Where the contact is now: `</contacts/{id}>; rel="canonical"`.',
        "schema": {"type": "string"},
    },
    "WWW-Authenticate": {"description": "`Bearer`.", "schema": {"type": "string"}},
    "ETag": {"description": "The tag of this version.", "schema": {"type": "string"}},
    "Content-Disposition": {"description": "The file's name.", "schema": {"type": "string"}},
}
ALWAYS: Final = ("X-Request-Id",)
LIMITS: Final = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
OF_STATUS: Final[dict[int, tuple[str, ...]]] = {
    401: ("WWW-Authenticate",),
    410: ("Link",),
    429: ("Retry-After", *LIMITS),
    503: ("Retry-After",),
}


def headers(*names: str) -> dict[str, Any]:
    """References to headers."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


class Shared:
    """What several operations have: parameters that are headers, and refusals without examples of their own."""

    def __init__(self) -> None:
        self.parameters: dict[str, dict[str, Any]] = {}
        self.responses: dict[str, dict[str, Any]] = {}

    def parameter(self, told: dict[str, Any]) -> dict[str, Any]:
        """The parameter, or a reference to it."""
        if told["in"] != "header":
            return told
        name = told["name"].replace("-", "")
        self.parameters[name] = told
        return {"$ref": f"#/components/parameters/{name}"}

    def response(self, status: str, told: dict[str, Any]) -> dict[str, Any]:
        """The answer, or a reference to it."""
        content = told.get("content", {}).get("application/json", {})
        if int(status) < 400 or "examples" in content:
            return told
        phrase = HTTPStatus(int(status)).phrase.title().replace(" ", "")
        number = 1
        while self.responses.setdefault(name := phrase + (str(number) if number > 1 else ""), told) != told:
            number += 1
        return {"$ref": f"#/components/responses/{name}"}
