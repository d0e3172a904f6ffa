"""How does a key come into being on a screen? Made here, or pasted: a secret, or a public key as PEM or JWK.

What can be a key is `trust/keys`' to say; whether it is taken, `flow/keys.add`'s. Source: spec §4 "Keys".
"""

from __future__ import annotations

from typing import Final

import msgspec

from avow.errors import BadInput
from avow.flow import keys
from avow.flow.engine import Engine
from avow.flow.workspaces import SECRET_BYTES
from avow.trust.contact import WorkspaceId
from avow.trust.keys import (
    Algorithm,
    HashedField,
    KeyState,
    Purpose,
    SigningKey,
    check_kid,
    register_public_key,
    register_secret,
    secret_from_random,
)
from avow.trust.policy import Platform
from avow.trust.words import Word

MAX_NAME: Final = 100
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"


class Origin(Word):
    """Where its material comes from."""

    MADE = "made"
    SECRET = "secret"
    RS256 = "rs256"
    ES256 = "es256"
    ED25519 = "ed25519"


_ALGORITHMS: Final = {
    Origin.RS256: Algorithm.RS256,
    Origin.ES256: Algorithm.ES256,
    Origin.ED25519: Algorithm.ED25519,
}


class Wanted(msgspec.Struct, frozen=True):
    """A key as somebody asks for it. `raw_material` is what she pasted; nothing is looked at where it is made here."""

    kid: str
    name: str
    origin: Origin
    purpose: Purpose
    hashes: HashedField
    platforms: frozenset[Platform]
    raw_material: str = ""

    def __repr__(self) -> str:
        """Without what was pasted: a repr ends in logs."""
        return f"Wanted({self.kid!r})"


class Registered(msgspec.Struct, frozen=True):
    """The key, and its secret where it was made here: to be shown this once."""

    key: SigningKey
    secret: str | None

    def __repr__(self) -> str:
        """Without the secret."""
        return f"Registered({self.key.kid!r})"


def fresh_kid(engine: Engine) -> str:
    """A kid that nobody has chosen."""
    return "key-" + "".join(_ALPHABET[octet % 32] for octet in engine.entropy(10))


async def register(engine: Engine, workspace_id: WorkspaceId, wanted: Wanted, *, actor: str) -> Registered:
    """Register it. Raises `BadInput`, or `Conflict` where its kid or its material is taken."""
    name = wanted.name.strip() or wanted.kid
    if len(name) > MAX_NAME or not name.isprintable():
        raise BadInput(f"The name is not usable; expected 1 to {MAX_NAME} visible characters.", field="name")
    if not wanted.platforms:
        raise BadInput("No platform is chosen. Choose at least one.", field="platforms")
    algorithm, material, secret = _material(engine, wanted)
    if wanted.purpose is Purpose.USER_HASH and algorithm is not Algorithm.HS256:
        raise BadInput("A user_hash is made with a shared secret; a public key is for tokens.", field="purpose")
    key = SigningKey(
        kid=check_kid(wanted.kid),
        name=name,
        algorithm=algorithm,
        purpose=wanted.purpose,
        platforms=wanted.platforms,
        state=KeyState.LIVE,
        created_at=engine.now(),
        material=material,
        hashes=wanted.hashes,
    )
    await keys.add(engine.store, workspace_id, key, master_key=engine.master_key, entropy=engine.entropy, actor=actor)
    await engine.rulebook.confirm()
    return Registered(key, secret)


def _material(engine: Engine, wanted: Wanted) -> tuple[Algorithm, bytes, str | None]:
    if wanted.origin is Origin.MADE:
        secret = secret_from_random(engine.entropy(SECRET_BYTES))
        return Algorithm.HS256, secret.encode(), secret
    text = wanted.raw_material.strip()
    if not text:
        raise BadInput("Nothing is pasted. Paste the key, or have one made here.", field="material")
    try:
        if wanted.origin is Origin.SECRET:
            return Algorithm.HS256, register_secret(text), None
        algorithm = _ALGORITHMS[wanted.origin]
        # A form's text has CR LF at the end of its lines; a PEM may have either.
        return algorithm, register_public_key(text.replace("\r\n", "\n").encode(), algorithm), None
    except BadInput as error:
        raise BadInput(error.message, field="material") from None
