"""What a hostile token and an unusual but legitimate one are: plain data, for the rules alone and for a live server."""

from __future__ import annotations

from dataclasses import dataclass

from avow.trust.policy import Platform, Policy
from avow.trust.reasons import Reason

ORDINARY = Policy()


@dataclass(frozen=True)
class Hostile:
    """A token that must be refused, for `reason`.

    `deliverable` tells whether a live server can be asked: it is false where a JSON body cannot carry the token as it
    is, and where a second's delay or a workspace's `policy` decides.
    """

    name: str
    token: object
    reason: Reason
    platform: Platform = Platform.WEB
    unproven_user_id: str | None = None
    policy: Policy = ORDINARY
    deliverable: bool = True


@dataclass(frozen=True)
class Legitimate:
    """A token that must be believed, with its `user_id` byte for byte."""

    name: str
    token: str
    user_id: str
    deliverable: bool = True


def alice(now: float, **others: object) -> dict[str, object]:
    """The payload of an ordinary token."""
    return {"user_id": "alice", "plan": "pro", "iat": int(now) - 10, "exp": int(now) + 3600} | others
