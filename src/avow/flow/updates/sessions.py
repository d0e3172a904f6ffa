"""How a browser without a name is known again: by an anonymous session that only we can make.

- A session is 16 random bytes and a MAC over them and the workspace: nobody can invent one, and none needs storing
  before its visitor's first write. The store keeps a digest of it only.
- One that is handed out is kept for a retry of its request, as the seed that it was made of.
- The public `anonymous_id` is derived from it and grants nothing.

Source: spec §5.5.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from typing import Final

from avow.trust.contact import WorkspaceId

_FORM: Final = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_RANDOM: Final = 16


def make(workspace_id: WorkspaceId, key: bytes, entropy: bytes) -> str:
    """A fresh session's text, from 16 random bytes."""
    return base64.urlsafe_b64encode(entropy + _mac(workspace_id, key, entropy)).rstrip(b"=").decode()


def of_seed(workspace_id: WorkspaceId, key: bytes, seed: str) -> str:
    """The session that comes of a seed (hex). A seed may be stored: without our key it leads to no session."""
    octets = hmac.digest(key, b"seed\0" + workspace_id.encode() + b"\0" + bytes.fromhex(seed), "sha256")
    return make(workspace_id, key, octets[:_RANDOM])


def is_ours(raw_session: object, workspace_id: WorkspaceId, key: bytes) -> bool:
    """Whether we made this session, for this workspace."""
    if not isinstance(raw_session, str) or not _FORM.match(raw_session):
        return False
    try:
        octets = base64.urlsafe_b64decode(raw_session + "=")
    except binascii.Error:
        return False
    entropy, mac = octets[:_RANDOM], octets[_RANDOM:]
    return hmac.compare_digest(mac, _mac(workspace_id, key, entropy)) and raw_session == make(
        workspace_id, key, entropy
    )


def digest(session: str) -> str:
    """What is stored and looked up instead of the session (hex)."""
    return hashlib.sha256(session.encode()).hexdigest()


def anonymous_id(session_digest: str) -> str:
    """The public id that belongs to a session, made from its digest; it leads back to neither."""
    return hashlib.sha256(b"anonymous id\0" + session_digest.encode()).hexdigest()[:32]


def _mac(workspace_id: WorkspaceId, key: bytes, entropy: bytes) -> bytes:
    return hmac.digest(key, workspace_id.encode() + b"\0" + entropy, "sha256")[:_RANDOM]
