"""Which shape has what is asked and told of signing keys, of a token that is tried, and of a key that has leaked?"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from avow.api.shapes import Count, Verdict
from avow.trust.attribute import Enforcement
from avow.trust.keys import Algorithm, HashedField, KeyState, Purpose
from avow.trust.policy import Platform
from avow.trust.reasons import Reason
from avow.trust.token_checks.numbers import V
from avow.trust.weighing.distrust import Fall
from avow.web.operations import Asked, ContactId, Exactly, Seconds, Told

KeyName = Annotated[str, Meta(min_length=1, max_length=100, examples=["Backend"])]


class SigningKey(Told, tag_field="type", tag="signing_key", frozen=True, kw_only=True):
    """A key, without what it is made of. `secret` is told once: in the answer that made it."""

    kid: str
    name: str
    algorithm: Algorithm
    purpose: Purpose
    hashes: HashedField | None
    platforms: list[Platform]
    state: KeyState
    created_at: Seconds
    retires_at: Seconds | None
    distrusted_since: Seconds | None
    uses_7d: Count | UnsetType = UNSET
    last_used_at: Seconds | UnsetType | None = UNSET
    secret: str | UnsetType = UNSET


class SigningKeyList(Told, tag_field="type", tag="list", frozen=True, kw_only=True):
    """Every key of the workspace, newest first."""

    data: list[SigningKey]


class MakeKey(Exactly, frozen=True, kw_only=True):
    """A key to be registered; with neither `secret` nor `public_key` an HS256 secret is made."""

    kid: str | None = None
    name: KeyName | None = None
    platforms: list[Platform] | None = None
    algorithm: str | None = None
    purpose: Purpose | None = None
    hashes: HashedField | None = None
    secret: str | None = None
    public_key: str | dict[str, Any] | None = None


class RetireKey(Exactly, frozen=True, kw_only=True):
    """From when on the key is retired; at once if nothing is said."""

    retires_at: Seconds | None = None


class DistrustKey(Exactly, frozen=True, kw_only=True):
    """Since when the key was in other hands. Unless `dry_run` is false, it is only told what would be done."""

    since: Seconds
    dry_run: bool | None = None
    starting_after: str | None = None


class NextStep(Told, frozen=True, kw_only=True):
    """What goes into the next request."""

    starting_after: str


class DistrustCounts(Told, frozen=True, kw_only=True):
    """How many contacts lost something, what became of how many values, and how many records are of erased contacts."""

    contacts: Count
    restored: Count
    offered: Count
    unverified: Count
    date_lowered: Count
    held_doubted: Count
    erased: Count


class LostAttribute(Told, frozen=True, kw_only=True):
    """What became of one attribute."""

    name: str
    outcome: Fall


class Loss(Told, frozen=True, kw_only=True):
    """A contact, and which of its attributes lost something."""

    id: ContactId
    attributes: list[LostAttribute]


class MergeByKey(Told, frozen=True, kw_only=True):
    """A merge that the key proved."""

    into: ContactId
    source: ContactId = msgspec.field(name="from")


class Distrust(Told, tag_field="type", tag="distrust", frozen=True, kw_only=True):
    """What was, or would be, taken back of what a key vouched for."""

    kid: str
    since: Seconds
    dry_run: bool
    complete: bool
    next: NextStep | None
    counts: DistrustCounts
    contacts: list[Loss]
    created: list[ContactId]
    merges: list[MergeByKey]


class Secret(Told, tag_field="type", tag="identity_verification_secret", frozen=True, kw_only=True):
    """A shared secret in use, by what is known of it. `secret` is told once: in the answer that made it."""

    id: str
    name: str
    supports_web: bool
    supports_ios: bool
    supports_android: bool
    created_at: Seconds
    purpose: Purpose
    secret: str | UnsetType = UNSET


class SecretList(Told, tag_field="type", tag="list", frozen=True, kw_only=True):
    """The shared secrets in use."""

    data: list[Secret]


class MakeSecret(Asked, frozen=True, kw_only=True):
    """A secret for at least one platform."""

    name: KeyName
    supports_web: bool = False
    supports_ios: bool = False
    supports_android: bool = False


class TokenCheck(Told, frozen=True, kw_only=True):
    """One of the checks V1 to V12."""

    check: V
    title: str
    outcome: Literal["passed", "failed", "not reached"]
    reason: Reason | None
    message: str | None


class Refusal(Told, frozen=True, kw_only=True):
    """What stopped the request after its token was believed."""

    code: str
    message: str


class Trial(Told, frozen=True, kw_only=True):
    """What would become of the request. Of a token that is not believed nothing is told."""

    accepted: bool
    checks: list[TokenCheck]
    refusal: Refusal | None
    user_id: str | None
    key_id: str | None
    signed_at: Seconds | None
    dated: bool | None
    expires_at: float | None
    contact_id: ContactId | None
    attributes: list[Verdict]


class Trials(Told, tag_field="type", tag="token_check", frozen=True, kw_only=True):
    """What would become of the request under the rules as they are, and as they are proposed to be."""

    platform: Platform
    current: Trial
    proposed: Trial | None


class TryToken(Exactly, frozen=True, kw_only=True):
    """A token, what a page says beside it, or both; and rules to try."""

    token: Annotated[Any, Meta(examples=["eyJhbGciOiJIUzI1NiIsImtpZCI6ImFjbWUtMjAyNiJ9.e30.c2lnbmF0dXJl"])] = None
    user_data: dict[str, Any] | None = None
    platform: Platform | None = None
    enforcement: dict[str, Enforcement] | None = None
    policy: dict[str, Any] | None = None
