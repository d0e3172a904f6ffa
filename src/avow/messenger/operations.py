"""What does each address of the Messenger do, in one line, and by which types?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from msgspec import Meta

from avow.messenger import shapes
from avow.trust.reasons import Reason
from avow.trust.token_checks.numbers import REASONS_OF
from avow.web.operations import Media, Operation, Parameter, Place

MESSENGER: Final = "Messenger"
_PLATFORM: Final = (Parameter("platform", Literal["web", "ios", "android"], "Whose keys count.", place=Place.PATH),)
_REFUSALS: Final = {
    400: ("duplicate_field", "parameter_invalid", "parameter_not_found"),
    401: tuple(dict.fromkeys(str(reason) for reasons in REASONS_OF.values() for reason in reasons)),
    403: tuple(
        str(reason)
        for reason in (
            Reason.USER_HASH_INVALID,
            Reason.IDENTITY_UNPROVEN,
            Reason.SECRET_LEAKED,
            Reason.ORIGIN_NOT_ALLOWED,
            Reason.CONTACT_BLOCKED,
            Reason.IDENTITY_SUPERSEDED,
        )
    ),
    404: ("workspace_not_found",),
    409: ("conflict",),
    415: ("media_type_not_acceptable",),
    422: ("idempotency_key_reused",),
    429: ("rate_limit_exceeded",),
    507: ("insufficient_storage",),
}

OPERATIONS: Final[Mapping[str, Operation]] = {
    "POST /messenger/{platform}/ping": Operation(
        summary="Boot or update",
        subject=MESSENGER,
        body=shapes.Boot,
        forms=True,
        answer=shapes.Pinged,
        path=_PLATFORM,
        refusals=_REFUSALS,
    ),
    "POST /messenger/{platform}/events": Operation(
        summary="Track events",
        subject=MESSENGER,
        body=shapes.Track,
        forms=True,
        answer=shapes.Tracked,
        path=_PLATFORM,
        refusals=_REFUSALS,
    ),
    "GET /widget/{workspace_id}": Operation(
        summary="Get the script that a page loads",
        subject=MESSENGER,
        answer=Media("The script, the same for every workspace.", ("text/javascript",)),
        path=(
            Parameter(
                "workspace_id", Annotated[str, Meta(pattern="^[a-z0-9]{8}$")], "The workspace.", place=Place.PATH
            ),
        ),
        refusals={404: ("not_found",)},
    ),
}
"""By method and address; whoever asks proves nothing but what is in the body."""
