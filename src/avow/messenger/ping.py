"""May this person be known, and what did she say? `ping`: bytes in, bytes out, whatever transport carries them.

The request is let in (`admission.py`); the committer identifies, weighs and commits; the answer comes once that is
durable. What an unproven caller is told depends on her request and the policy alone (§5.7).

Source: spec §5, §10; the answer's fields are Intercom's (contract/intercom-notes.md §3.4).
"""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from avow.errors import Forbidden, TokenRefused, Unavailable
from avow.flow.bookkeeping import identities
from avow.flow.engine import Engine
from avow.flow.updates.sessions import digest, of_seed
from avow.flow.updates.submissions import Receipt, RulesMoved
from avow.flow.updates.update import MessengerUpdate
from avow.flow.work import Idempotency
from avow.messenger.admission import Admission, Admitted, Limits, Request
from avow.messenger.answers import render_events, render_ping
from avow.messenger.envelope import happenings
from avow.trust.identity import Proof
from avow.web.responses import JSON, Answer

ATTEMPTS: Final = 5


class Messenger:
    """The Messenger's two questions, for one process."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._admission = Admission(engine, limits)

    async def ping(self, request: Request) -> Answer:
        """Take an update and answer with what became of it."""
        admitted, receipt = await self._commit(await self._admission.admit(request), "ping")
        answer = admitted.last_time.answer(receipt)
        if answer is None:
            session, claims = self._session_text(admitted, receipt), admitted.submission.claims
            answer = render_ping(receipt, admitted.rules, session, claims)
            admitted.last_time.answered(receipt, answer)
        return Answer(200, answer, (JSON,))

    async def events(self, request: Request) -> Answer:
        """Take events and answer how many were stored."""
        admitted = await self._admission.admit(request)
        happened = happenings(admitted.envelope.fields)
        submission = msgspec.structs.replace(admitted.submission, happenings=happened)
        admitted = msgspec.structs.replace(admitted, submission=submission)
        admitted, receipt = await self._commit(admitted, "events")
        return Answer(200, render_events(len(happened), self._session_text(admitted, receipt)), (JSON,))

    async def _commit(self, admitted: Admitted, route: str) -> tuple[Admitted, Receipt]:
        """Have it committed; where the rules moved on the way, it is believed again first."""
        for _ in range(ATTEMPTS):
            update = MessengerUpdate(admitted.submission, _idempotency(admitted, route), admitted.last_time)
            try:
                receipt = await self._engine.committer.submit(update)
                identities.count(self._engine.tally, admitted.submission, receipt, self._engine.now())
                return admitted, receipt
            except RulesMoved:
                admitted = await self._admission.again(admitted)
            except (TokenRefused, Forbidden) as error:
                self._admission.refused(admitted.request, admitted.submission.workspace_id, error)
                raise
        raise Unavailable("The workspace's rules were changing all the time. Try again.")

    def _session_text(self, admitted: Admitted, receipt: Receipt) -> str | None:
        """The session the browser is to use from now on: the one it showed, the fresh one, or none for a user.

        A retry gets the one that was fresh when it was first tried.
        """
        if receipt.session is None:
            return None
        for text in (admitted.envelope.raw_session, admitted.spare):
            if isinstance(text, str) and digest(text) == receipt.session:
                return text
        if receipt.spare_seed is None:
            return None
        fresh = of_seed(admitted.rules.workspace_id, self._engine.session_key, receipt.spare_seed)
        return fresh if digest(fresh) == receipt.session else None


def _idempotency(admitted: Admitted, route: str) -> Idempotency | None:
    """A retry is one with its first try for the same caller, route and key.

    The caller is whoever was proven, or claimed.
    """
    request, envelope, submission = admitted.request, admitted.envelope, admitted.submission
    if envelope.idempotency_key is None:
        return None
    claim = submission.claim
    caller = claim.user_id or claim.email or submission.session or ""
    if claim.proof is Proof.SESSION and submission.session is None:
        return None  # nobody to tell from anybody else
    parts = ("messenger", request.platform, route, claim.proof, caller, envelope.idempotency_key)
    scope = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return Idempotency(scope, hashlib.sha256(request.body).hexdigest())
