"""Who may ask by REST: access tokens, their scopes, and whether what they write is vouched for.

- A token names its workspace, `avow_at_<workspace>_<random>`, and is stored as the SHA-256 of its text only.
- *Vouching* (default): the company's own backend speaks, values are verified. *Relaying*: a sync writes back what it
  has read somewhere; its values are unverified, and equal ones keep the provenance they have.

Source: spec §3 (channels), §11 (scopes).
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final

import msgspec

from avow.trust.contact import WorkspaceId
from avow.trust.words import Word

PREFIX: Final = "avow_at_"
_FORM: Final = re.compile(r"avow_at_([a-z0-9]{8})_[A-Za-z0-9_-]{43}\Z")


class Scope(Word):
    """What a token may do; a token carries any number of them."""

    READ_CONTACTS = "contacts:read"
    WRITE_CONTACTS = "contacts:write"
    READ_ATTRIBUTES = "attributes:read"
    WRITE_ATTRIBUTES = "attributes:write"
    READ_KEYS = "keys:read"
    WRITE_KEYS = "keys:write"
    CHECK_TOKENS = "tokens:check"


ALL_SCOPES: Final = tuple(Scope)


class Mode(Word):
    """Whether what the token's holder writes counts as vouched for."""

    VOUCHING = "vouching"
    RELAYING = "relaying"


class AccessToken(msgspec.Struct, frozen=True):
    """One REST credential. `digest` is the hex SHA-256 of its text; times are Unix seconds."""

    id: str
    workspace_id: WorkspaceId
    name: str
    digest: str
    mode: Mode
    scopes: tuple[Scope, ...]
    created_at: float
    revoked_at: float | None = None

    @property
    def actor(self) -> str:
        """How change records name it."""
        return f"access_token:{self.id}"


def make_text(workspace_id: WorkspaceId, entropy: bytes) -> str:
    """The text to show once, from 32 random bytes."""
    return f"{PREFIX}{workspace_id}_{base64.urlsafe_b64encode(entropy).rstrip(b'=').decode()}"


def workspace_of(raw_text: str) -> WorkspaceId | None:
    """The workspace a token's text claims to belong to, or None where it has not the form of one of ours."""
    match = _FORM.match(raw_text)
    return WorkspaceId(match.group(1)) if match else None


def digest_of(raw_text: str) -> str:
    """What is stored and looked up instead of the text."""
    return hashlib.sha256(raw_text.encode()).hexdigest()
