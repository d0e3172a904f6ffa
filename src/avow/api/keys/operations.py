"""What does each address of keys and tokens do, in one line, and by which types?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from avow.api.keys import shapes
from avow.api.shapes import CURSORS, MISSING, ONCE, Nothing
from avow.web.operations import Operation, Parameter, Place

KEYS: Final = "Keys"
_KID: Final = (Parameter("kid", str, "The key's `kid`.", place=Place.PATH),)
_ID: Final = (Parameter("id", str, "The secret's id: the key's `kid`.", place=Place.PATH),)

OPERATIONS: Final[Mapping[str, Operation]] = {
    "GET /keys": Operation(summary="List signing keys", subject=KEYS, answer=shapes.SigningKeyList),
    "POST /keys": Operation(
        summary="Make or register a key",
        subject=KEYS,
        body=shapes.MakeKey,
        answer=shapes.SigningKey,
        headers=(ONCE,),
        refusals={409: ("conflict",)},
    ),
    "POST /keys/{kid}/retire": Operation(
        summary="Retire a key",
        subject=KEYS,
        body=shapes.RetireKey,
        body_required=False,
        answer=shapes.SigningKey,
        path=_KID,
        headers=(ONCE,),
        refusals={404: ("not_found",), 409: ("conflict",)},
    ),
    "POST /keys/{kid}/revoke": Operation(
        summary="Revoke a key",
        subject=KEYS,
        body=Nothing,
        body_required=False,
        answer=shapes.SigningKey,
        path=_KID,
        headers=(ONCE,),
        refusals=MISSING,
    ),
    "POST /keys/{kid}/distrust": Operation(
        summary="Take back what a leaked key vouched for",
        subject=KEYS,
        body=shapes.DistrustKey,
        answer=shapes.Distrust,
        path=_KID,
        headers=(ONCE,),
        refusals={**MISSING, **CURSORS},
    ),
    "GET /secure_mode_secrets": Operation(summary="List shared secrets in use", subject=KEYS, answer=shapes.SecretList),
    "POST /secure_mode_secrets": Operation(
        summary="Make a shared secret",
        subject=KEYS,
        body=shapes.MakeSecret,
        answer=shapes.Secret,
        headers=(ONCE,),
        refusals={409: ("conflict",), 422: ("parameter_invalid",)},
    ),
    "DELETE /secure_mode_secrets/{id}": Operation(
        summary="Revoke a shared secret",
        subject=KEYS,
        path=_ID,
        refusals={404: ("identity_verification_secret_not_found",)},
    ),
    "POST /tokens/check": Operation(
        summary="Try a token, under these or other rules",
        subject=KEYS,
        body=shapes.TryToken,
        answer=shapes.Trials,
        refusals={400: ("parameter_not_found",), 404: ("field_not_found",)},
    ),
}
"""By method and address."""
