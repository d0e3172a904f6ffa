"""May this person be known, and what did she say? `ping`: bytes in, bytes out, whatever transport carries them.

1. The address has requests left; the bytes are a request (`envelope.py`); no secret stands in it (`leaks.py`).
2. The token is believed, or the whole request is refused; a bad token is never taken for no token.
3. The committer identifies, weighs and commits; the answer comes once that is durable.

What an unproven caller is told depends on her request and the policy alone (§5.7).
Source: spec §4, §5, §10; the answer's fields are Intercom's (contract/intercom-notes.md §3.4).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import msgspec

from avow.errors import AvowError, Forbidden, TokenRefused
from avow.flow import sessions
from avow.flow.desk import Idempotency
from avow.flow.engine import Engine
from avow.flow.submissions import Receipt, Submission
from avow.flow.updates import MessengerUpdate
from avow.messenger.answers import render_events, render_ping
from avow.messenger.envelope import Envelope, happenings, read
from avow.messenger.leaks import holds_secret
from avow.trust.contact import WorkspaceId
from avow.trust.identity import Proof, fold_email
from avow.trust.keys import Keyring
from avow.trust.policy import Platform
from avow.trust.reasons import Reason
from avow.trust.rules import Rules
from avow.trust.token import Claims, verify
from avow.trust.user_hash import UserHashProof, prove
from avow.web.limits import Limiter, require
from avow.web.request import Media
from avow.web.responses import JSON, Answer

_WORTH_ASKING_AGAIN: Final = frozenset(
    {
        Reason.KEY_UNKNOWN,
        Reason.KEY_RETIRED,
        Reason.KEY_WRONG_PLATFORM,
        Reason.SIGNATURE_INVALID,
        Reason.USER_HASH_INVALID,
    }
)


class Request(msgspec.Struct, frozen=True):
    """One request as a transport hands it over. `address` is the caller's for limits, None where it is exempt."""

    platform: Platform
    media: Media
    body: bytes
    address: str | None
    origin: str | None


@dataclass(frozen=True, slots=True)
class Limits:
    """How often: per address, of that unproven or refused, and per proven contact (§5.8, §11)."""

    address: Limiter
    unproven: Limiter
    contact: Limiter


@dataclass(frozen=True, slots=True)
class Messenger:
    """The Messenger's door, for one process."""

    engine: Engine
    limits: Limits

    async def ping(self, request: Request) -> Answer:
        """Take an update and answer with what became of it."""
        envelope, submission, rules, spare = await self._admit(request)
        receipt = await self._commit(request, envelope, submission, "ping")
        body = render_ping(receipt, rules, _session_text(envelope, receipt, spare), submission.claims)
        return Answer(200, body, (JSON,))

    async def events(self, request: Request) -> Answer:
        """Take events and answer how many were stored."""
        envelope, submission, _, spare = await self._admit(request)
        submission = msgspec.structs.replace(submission, happenings=happenings(envelope.fields))
        receipt = await self._commit(request, envelope, submission, "events")
        body = render_events(len(submission.happenings), _session_text(envelope, receipt, spare))
        return Answer(200, body, (JSON,))

    async def _admit(self, request: Request) -> tuple[Envelope, Submission, Rules, str | None]:
        """Everything before the committer: limits, reading, leaks, belief. Refusals are counted, and charged."""
        now = self.engine.now()
        if request.address is not None:
            require(self.limits.address.take(request.address, now), now, "this address")
        workspace_id = None
        try:
            envelope = read(request.media, request.body, origin=request.origin)
            rules = await self.engine.rulebook.current(envelope.app_id)
            workspace_id = envelope.app_id
            self._check_leak(request, envelope, rules)
            _check_origin(request, rules)
            return await self._believe(request, envelope, rules, now)
        except AvowError as error:
            if workspace_id is not None:
                self._note(workspace_id, request, error)
            self._charge(request, now)
            raise

    async def _believe(
        self, request: Request, envelope: Envelope, rules: Rules, now: float
    ) -> tuple[Envelope, Submission, Rules, str | None]:
        try:
            claims, proof = _proofs(request.platform, envelope, rules, now)
        except AvowError as error:
            if error.code not in _WORTH_ASKING_AGAIN:
                raise
            # A key that was registered this instant may not have reached this process yet.
            await self.engine.rulebook.refresh()
            newer = await self.engine.rulebook.current(envelope.app_id)
            if newer.version == rules.version:
                raise
            rules = newer
            claims, proof = _proofs(request.platform, envelope, rules, now)
        submission, spare = self._submission(request, envelope, rules, claims, proof)
        self._charge_admitted(request, submission, now)
        return envelope, submission, rules, spare

    def _submission(
        self, request: Request, envelope: Envelope, rules: Rules, claims: Claims | None, proof: UserHashProof | None
    ) -> tuple[Submission, str | None]:
        key, workspace_id = self.engine.session_key, rules.workspace_id
        raw_session = envelope.raw_session
        session = raw_session if sessions.is_ours(raw_session, workspace_id, key) else None
        named = claims is not None or envelope.unproven_user_id is not None or envelope.unproven_email is not None
        spare = None if named else sessions.make(workspace_id, key, self.engine.entropy(16))
        email = envelope.unproven_email
        submission = Submission(
            workspace_id,
            request.platform,
            rules.version,
            claims,
            proof,
            envelope.unproven_user_id,
            fold_email(email) if email is not None else None,
            sessions.digest(session) if isinstance(session, str) else None,
            sessions.digest(spare) if spare is not None else None,
            envelope.raw_values,
            envelope.observed,
            (),
            envelope.page,
        )
        return submission, spare

    async def _commit(self, request: Request, envelope: Envelope, submission: Submission, route: str) -> Receipt:
        idempotency = _idempotency(request, envelope, submission, route)
        try:
            receipt: Receipt = await self.engine.committer.submit(MessengerUpdate(submission, idempotency))
        except (TokenRefused, Forbidden) as error:
            self._note(submission.workspace_id, request, error)
            self._charge(request, self.engine.now())
            raise
        return receipt

    def _charge_admitted(self, request: Request, submission: Submission, now: float) -> None:
        claim = submission.claim
        if claim.proof in (Proof.NONE, Proof.SESSION):
            self._charge(request, now)
        else:
            whom = f"{submission.workspace_id}\0{claim.user_id or claim.email}"
            require(self.limits.contact.take(whom, now), now, "this contact")

    def _charge(self, request: Request, now: float) -> None:
        """An unproven or refused request: paid by its address, never by the contact it names. Raises `RateLimited`."""
        if request.address is not None:
            allowance = self.limits.unproven.take(request.address, now)
            require(allowance, now, "unproven or refused requests of this address")

    def _note(self, workspace_id: WorkspaceId, request: Request, error: AvowError) -> None:
        now = self.engine.now()
        self.engine.tally.refused(workspace_id, error.code, request.platform, request.origin, None, now)

    def _check_leak(self, request: Request, envelope: Envelope, rules: Rules) -> None:
        if not holds_secret(request.body, _texts(envelope), rules.keyring):
            return
        self.engine.tally.alert(rules.workspace_id, Reason.SECRET_LEAKED, request.origin or "", self.engine.now())
        raise Forbidden(
            "This request holds a signing secret, which no browser may know. Revoke that key and sign on your backend.",
            code=Reason.SECRET_LEAKED,
        )


def _texts(envelope: Envelope) -> dict[str, object]:
    return {
        **envelope.fields,
        "": [envelope.raw_values, envelope.raw_token, envelope.raw_user_hash, envelope.unproven_user_id],
    }


def _check_origin(request: Request, rules: Rules) -> None:
    """Pages elsewhere are turned away. A browser keeps to this; whoever writes requests by hand does not."""
    origins = rules.policy.origins
    if origins and request.platform is Platform.WEB and request.origin is not None and request.origin not in origins:
        raise Forbidden(
            "This workspace takes requests from pages of its own origins only. Add this page's origin to its settings.",
            code=Reason.ORIGIN_NOT_ALLOWED,
        )


def _proofs(
    platform: Platform, envelope: Envelope, rules: Rules, now: float
) -> tuple[Claims | None, UserHashProof | None]:
    """What the caller has shown. With a token present, a hash is ignored; present and failing, each refuses."""
    keyring: Keyring = rules.keyring
    if envelope.raw_token is not None:
        claims = verify(
            envelope.raw_token,
            keyring=keyring,
            policy=rules.policy,
            platform=platform,
            now=now,
            unproven_user_id=envelope.unproven_user_id,
        )
        return claims, None
    if envelope.raw_user_hash is None:
        return None, None
    proof = prove(
        envelope.raw_user_hash,
        keyring=keyring,
        platform=platform,
        now=now,
        unproven_user_id=envelope.unproven_user_id,
        unproven_email=envelope.unproven_email,
    )
    return None, proof


def _idempotency(request: Request, envelope: Envelope, submission: Submission, route: str) -> Idempotency | None:
    """A retry is one with its first try for the same caller, route and key.

    The caller is whoever was proven, or claimed.
    """
    if envelope.idempotency_key is None:
        return None
    claim = submission.claim
    caller = claim.user_id or claim.email or submission.session or ""
    if claim.proof is Proof.SESSION and submission.session is None:
        return None  # nobody to tell from anybody else
    parts = ("messenger", request.platform, route, claim.proof, caller, envelope.idempotency_key)
    scope = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return Idempotency(scope, hashlib.sha256(request.body).hexdigest())


def _session_text(envelope: Envelope, receipt: Receipt, spare: str | None) -> str | None:
    """The session the browser is to use from now on: the one it showed, the fresh one, or none for a user."""
    if receipt.session is None:
        return None
    for text in (envelope.raw_session, spare):
        if isinstance(text, str) and sessions.digest(text) == receipt.session:
            return text
    return None
