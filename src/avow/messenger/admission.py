"""May this request come in? Everything before the committer: limits, reading, leaks, origin, and belief.

1. The address has requests left; the bytes are a request (`envelope.py`); no secret stands in it (`leaks.py`).
2. The token is believed, or the whole request is refused; a bad token is never taken for no token.

Refusals are counted by reason, and paid by the address that caused them, never by the contact they name (§5.8).
Source: spec §4, §5, §11.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec

from avow.errors import AvowError, Forbidden, TokenRefused
from avow.flow.bookkeeping.tally import PROXY_UNNAMED
from avow.flow.engine import Engine
from avow.flow.updates import sessions
from avow.flow.updates.last_time import LastTime
from avow.flow.updates.submissions import Submission
from avow.messenger.envelope import Envelope, read
from avow.messenger.leaks import holds_secret
from avow.messenger.recall import Recall
from avow.messenger.reception import Reception
from avow.trust.contact import WorkspaceId
from avow.trust.identity import Proof, fold_email
from avow.trust.policy import Platform
from avow.trust.reasons import Reason
from avow.trust.rules import Rules
from avow.trust.token import Claims, verify
from avow.trust.user_hash import UserHashProof, prove
from avow.web.journal import note_workspace
from avow.web.limits import Limiter, require
from avow.web.request import Media

_WORTH_ASKING_AGAIN: Final = frozenset(
    {
        Reason.KEY_UNKNOWN,
        Reason.KEY_RETIRED,
        Reason.KEY_WRONG_PLATFORM,
        Reason.SIGNATURE_INVALID,
        Reason.USER_HASH_INVALID,
    }
)
_UNPROVEN: Final = (Proof.NONE, Proof.SESSION)


class Request(msgspec.Struct, frozen=True):
    """One request as a transport hands it over. `address` is the caller's for limits, None where it is exempt.

    `through_unnamed_proxy`: it shows the marks of a proxy that no setting names.
    """

    platform: Platform
    media: Media
    body: bytes
    address: str | None
    origin: str | None
    through_unnamed_proxy: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """How often: per address, of that unproven or refused, and per proven contact (§5.8, §11)."""

    address: Limiter
    unproven: Limiter
    contact: Limiter


class Admitted(msgspec.Struct, frozen=True):
    """A request that came in: what it says, believed under `rules`.

    `spare` is a fresh session for a visitor without one; `last_time` is what became of these same bytes before.
    """

    request: Request
    envelope: Envelope
    rules: Rules
    submission: Submission
    spare: str | None
    last_time: LastTime


class Admission:
    """The way in, for one process."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self.engine = engine
        self.limits = limits
        self._recall = Recall()
        self._reception = Reception(self._let_in)

    async def admit(self, request: Request) -> Admitted:
        """Let a request in, or raise why not."""
        now = self.engine.now()
        if request.address is not None:
            require(self.limits.address.take(request.address, now), now, "this address")
        if (recalled := self._recall.find(request, now)) is not None:
            rules = await self.engine.rulebook.current(recalled.rules.workspace_id)
            if rules is recalled.rules:
                note_workspace(rules.workspace_id)
                self._charge_admitted(request, recalled.submission, now)
                if recalled.request.address == request.address:
                    return recalled
                return msgspec.structs.replace(recalled, request=request)  # what is refused is paid by who asks now
            self._recall.forget(request)
        admitted = await self._reception.enter(request)
        if admitted is None:
            admitted = await self._admit(request, now)
        note_workspace(admitted.rules.workspace_id)
        if request.through_unnamed_proxy:
            self.engine.tally.alert(admitted.rules.workspace_id, PROXY_UNNAMED, "", now)
        self._charge_admitted(request, admitted.submission, now)
        self._recall.keep(admitted, now)
        return admitted

    def _let_in(self, requests: Sequence[Request]) -> list[Admitted | None]:
        """Requests of one moment; None for each that has to be looked at by itself, whatever the reason."""
        now = self.engine.now()
        known = [_tried(self._recognised, request) for request in requests]
        shown = [_tried(self._shown, *one, now) if one is not None else None for one in known]
        return [
            _tried(self._submitted, *one, *proofs) if one is not None and proofs is not None else None
            for one, proofs in zip(known, shown, strict=True)
        ]

    def _recognised(self, request: Request) -> tuple[Request, Envelope, Rules] | None:
        envelope = read(request.media, request.body, origin=request.origin)
        rules = self.engine.rulebook.at_hand(envelope.app_id)
        return (request, envelope, rules) if rules is not None else None

    async def _admit(self, request: Request, now: float) -> Admitted:
        workspace_id: WorkspaceId | None = None
        try:
            envelope = read(request.media, request.body, origin=request.origin)
            rules = await self.engine.rulebook.current(envelope.app_id)
            workspace_id = envelope.app_id
            note_workspace(workspace_id)
            return await self._believed(request, envelope, rules, now)
        except AvowError as error:
            self.refused(request, workspace_id, error)
            raise

    async def again(self, admitted: Admitted) -> Admitted:
        """Believe a request again, under the rules of this moment."""
        request, envelope = admitted.request, admitted.envelope
        rules = await self.engine.rulebook.current(envelope.app_id)
        try:
            newer = await self._believed(request, envelope, rules, self.engine.now())
        except AvowError as error:
            self.refused(request, envelope.app_id, error)
            raise
        submission = msgspec.structs.replace(newer.submission, happenings=admitted.submission.happenings)
        return msgspec.structs.replace(newer, submission=submission)

    def refused(self, request: Request, workspace_id: WorkspaceId | None, error: AvowError) -> None:
        """Count a refusal, and let its address pay."""
        now, pulse = self.engine.now(), self.engine.committer.pulse
        (pulse.token_refused if isinstance(error, TokenRefused) else pulse.request_refused)(error.code)
        if workspace_id is not None:
            self.engine.tally.refused(workspace_id, error.code, request.platform, request.origin, None, now)
        self._charge(request, now)

    async def _believed(self, request: Request, envelope: Envelope, rules: Rules, now: float) -> Admitted:
        try:
            claims, proof = self._shown(request, envelope, rules, now)
        except AvowError as error:
            if error.code not in _WORTH_ASKING_AGAIN:
                raise
            # A key that was registered this instant may not have reached this process yet.
            await self.engine.rulebook.refresh()
            newer = await self.engine.rulebook.current(envelope.app_id)
            if newer.version == rules.version:
                raise
            rules = newer
            claims, proof = self._shown(request, envelope, rules, now)
        return self._submitted(request, envelope, rules, claims, proof)

    def _shown(
        self, request: Request, envelope: Envelope, rules: Rules, now: float
    ) -> tuple[Claims | None, UserHashProof | None]:
        self._check_leak(request, envelope, rules)
        _check_origin(request, rules)
        return _proofs(request.platform, envelope, rules, now)

    def _submitted(
        self, request: Request, envelope: Envelope, rules: Rules, claims: Claims | None, proof: UserHashProof | None
    ) -> Admitted:
        key, workspace_id = self.engine.session_key, rules.workspace_id
        raw_session = envelope.raw_session
        session = raw_session if sessions.is_ours(raw_session, workspace_id, key) else None
        may_be_visitor = claims is None and proof is None and envelope.unproven_user_id is None
        seed = self.engine.entropy(16).hex() if may_be_visitor else None
        spare = sessions.of_seed(workspace_id, key, seed) if seed is not None else None
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
            claims is None and proof is None and rules.policy.requires_proof(request.platform),
            seed,
        )
        return Admitted(request, envelope, rules, submission, spare, LastTime())

    def _charge_admitted(self, request: Request, submission: Submission, now: float) -> None:
        claim = submission.claim
        if claim.proof in _UNPROVEN:
            self._charge(request, now)
        else:
            whom = f"{submission.workspace_id}\0{claim.user_id or claim.email}"
            require(self.limits.contact.take(whom, now), now, "this contact")

    def _charge(self, request: Request, now: float) -> None:
        """An unproven or refused request: paid by its address, never by the contact it names. Raises `RateLimited`."""
        if request.address is not None:
            allowance = self.limits.unproven.take(request.address, now)
            require(allowance, now, "unproven or refused requests of this address")

    def _check_leak(self, request: Request, envelope: Envelope, rules: Rules) -> None:
        if not holds_secret(request.body, envelope.fields, rules.keyring):
            return
        # One alert a day, whatever the page calls itself: or whoever invents secrets and origins would bury it.
        self.engine.tally.alert(rules.workspace_id, Reason.SECRET_LEAKED, "", self.engine.now())
        raise Forbidden(
            "This request holds a signing secret, which no browser may know. Revoke that key and sign on your backend.",
            code=Reason.SECRET_LEAKED,
        )


_Given = TypeVar("_Given")


def _tried(step: Callable[..., _Given | None], *arguments: Any) -> _Given | None:
    """What a step gives, or None where it refuses: whoever is looked at by herself is told why."""
    try:
        return step(*arguments)
    except Exception:  # noqa: BLE001 - one request's fault is not the others'
        return None


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
    keyring = rules.keyring
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
