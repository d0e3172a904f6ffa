"""Where are credentials written down? Signing keys sealed, access tokens as digests: nothing here opens anything.

The same key material serves one workspace only, of a production workspace and its test one: a fingerprint is unique
among the two. Source: spec §4 "Keys", §11.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from avow.flow.contract import SealedKey
from avow.store.engine.session import Session
from avow.store.engine.statement import Insert, Lookup
from avow.store.schema import access_token, signing_key
from avow.trust.access import AccessToken, Mode, Scope
from avow.trust.contact import WorkspaceId

_KEY: Final = ("workspace_id", "kid", "details", "sealed", "fingerprint")
_TOKEN: Final = ("id", "workspace_id", "name", "digest", "mode", "scopes", "created_at", "revoked_at")

KEYS: Final = Lookup(signing_key, ("workspace_id",), _KEY)
FINGERPRINTS: Final = Lookup(signing_key, ("family",), ("workspace_id", "kid", "fingerprint"))
PUT_KEY: Final = Insert(
    signing_key,
    (*_KEY, "family"),
    "(workspace_id, kid) DO UPDATE SET details = excluded.details, sealed = excluded.sealed,"
    " fingerprint = excluded.fingerprint",
)
TOKENS: Final = Lookup(access_token, ("workspace_id",), _TOKEN)
PUT_TOKEN: Final = Insert(
    access_token,
    _TOKEN,
    "(workspace_id, id) DO UPDATE SET name = excluded.name, digest = excluded.digest, mode = excluded.mode,"
    " scopes = excluded.scopes, revoked_at = excluded.revoked_at",
)

_decode_scopes = msgspec.json.Decoder(tuple[Scope, ...]).decode
_encode = msgspec.json.Encoder().encode


def key_of_row(row: Sequence[Any]) -> SealedKey:
    """A stored signing key, still sealed."""
    return SealedKey(*row)


def token_of_row(row: Sequence[Any]) -> AccessToken:
    """A stored access token."""
    number, workspace_id, name, digest, mode, scopes, created_at, revoked_at = row
    return AccessToken(number, workspace_id, name, digest, Mode(mode), _decode_scopes(scopes), created_at, revoked_at)


async def fingerprints(session: Session, family: WorkspaceId) -> list[tuple[WorkspaceId, str, bytes]]:
    """Workspace, kid and fingerprint of all keys of a production workspace (`family`) and its test one."""
    return [(row[0], row[1], row[2]) for row in await session.read(FINGERPRINTS, [(family,)])]


async def put_key(session: Session, family: WorkspaceId, key: SealedKey) -> None:
    """Register a key, or change what is known of it. Raises `WriteConflict` where the same material is registered."""
    await session.write(PUT_KEY, [(key.workspace_id, key.kid, key.details, key.sealed, key.fingerprint, family)])


async def put_token(session: Session, token: AccessToken) -> None:
    """Make an access token, or change it."""
    scopes = _encode(token.scopes).decode()
    facts = (token.id, token.workspace_id, token.name, token.digest, str(token.mode), scopes)
    await session.write(PUT_TOKEN, [(*facts, token.created_at, token.revoked_at)])
