"""How does a story become history? Step by step through the flows, under a clock that is set to the time of each step.

- Whatever happens to different people within the same hours happens in one transaction, at one moment: half a year
  takes seconds.
- Nothing is written past the rules: tokens are signed, verified and weighed as if a browser had sent them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Iterator, Sequence
from typing import Final

import msgspec

import avow
from avow.demo.story import OLD_SDK, SITE, Act, Attempt, Backend, Decision, Farewell, Refused, Step, Stroll, Visit
from avow.errors import TokenRefused, Unavailable
from avow.flow import attributes
from avow.flow.bookkeeping import identities
from avow.flow.contacts import CreateContact, EraseContact, Fields, UpdateContact, find_by_external_id
from avow.flow.engine import Engine
from avow.flow.updates import sessions
from avow.flow.updates.submissions import Happening, RulesMoved, Submission
from avow.flow.updates.update import MessengerUpdate
from avow.trust.access import AccessToken
from avow.trust.contact import ContactId, Role, WorkspaceId
from avow.trust.policy import Platform
from avow.trust.secret import secret_from_random
from avow.trust.token import Claims, verify
from avow.trust.weighing.voice import Page

AT_ONCE: Final = 3 * 3600.0
ATTEMPTS: Final = 5
OLIVE: Final = "teammate:olive@acme.example"


class Clock:
    """A clock that stands where it was put."""

    def __init__(self, at: float) -> None:
        self.at = at

    def __call__(self) -> float:
        """The time it shows, Unix seconds."""
        return self.at


class Credentials(msgspec.Struct, frozen=True):
    """By what Acme's backend vouches: its signing key, and its access token for REST."""

    kid: str
    secret: str
    access_token: AccessToken

    def __repr__(self) -> str:
        """Without the secret."""
        return f"Credentials({self.kid!r})"


class Past:
    """What plays a story into a workspace. The engine runs, and its clock is `clock`."""

    def __init__(self, engine: Engine, clock: Clock, workspace_id: WorkspaceId, credentials: Credentials) -> None:
        self._engine = engine
        self._clock = clock
        self._workspace_id = workspace_id
        self._credentials = credentials
        self._sessions: dict[str, str] = {}

    async def play(self, story: Sequence[Step]) -> None:
        """Let it all happen."""
        for at, acts in together(story):
            self._clock.at = at
            await asyncio.gather(*(self._happen(act) for act in acts))

    def _happen(self, act: Act) -> Awaitable[None]:
        match act:
            case Visit():
                return self._visit(act)
            case Stroll():
                return self._stroll(act)
            case Refused():
                return self._refuse(act)
            case Backend():
                return self._backend(act)
            case Farewell():
                return self._forget(act)
            case Decision():
                return self._decide(act)

    async def _visit(self, visit: Visit) -> None:
        key = self._credentials
        token = avow.sign(visit.user_id, visit.signed, key=key.secret, kid=key.kid, now=self._clock.at)
        for _ in range(ATTEMPTS):
            claims, version = await self._believed(token)
            submission = Submission(
                self._workspace_id,
                Platform.WEB,
                version,
                claims,
                session=self._digest(visit.session) if visit.session else None,
                raw_values=visit.unsigned,
                happenings=(Happening(visit.event, "{}"),) if visit.event else (),
                page=Page(visit.origin, visit.path, visit.sdk),
            )
            # Somebody else's visit has just brought a new attribute: believed again under the rules that has made.
            with contextlib.suppress(RulesMoved):
                receipt = await self._engine.committer.submit(MessengerUpdate(submission))
                identities.count(self._engine.tally, submission, receipt, self._clock.at)
                return
        raise Unavailable("The demo's rules were changing all the time. Run it again.")

    async def _stroll(self, stroll: Stroll) -> None:
        rules = await self._engine.rulebook.current(self._workspace_id)
        submission = Submission(
            self._workspace_id,
            Platform.WEB,
            rules.version,
            spare_session=self._digest(stroll.session),
            raw_values=stroll.unsigned,
            observed=stroll.observed,
            page=Page(SITE, stroll.path, OLD_SDK),
        )
        receipt = await self._engine.committer.submit(MessengerUpdate(submission))
        identities.count(self._engine.tally, submission, receipt, self._clock.at)

    async def _refuse(self, refused: Refused) -> None:
        try:
            await self._believed(self._bad_token(refused))
        except TokenRefused as error:
            tally, at = self._engine.tally, self._clock.at
            tally.refused(self._workspace_id, error.code, Platform.WEB, refused.origin, None, at)

    async def _backend(self, backend: Backend) -> None:
        token = self._credentials.access_token
        if backend.user_id is None:
            lead = Fields(Role.LEAD, raw_values=backend.standard, raw_custom=backend.custom)
            await self._engine.committer.submit(CreateContact(token=token, fields=lead))
            return
        fields = Fields(raw_values=backend.standard, raw_custom=backend.custom)
        work = UpdateContact(token=token, contact_id=await self._known(backend.user_id), fields=fields)
        await self._engine.committer.submit(work)

    async def _forget(self, farewell: Farewell) -> None:
        token = self._credentials.access_token
        work = EraseContact(token=token, contact_id=await self._known(farewell.user_id))
        await self._engine.committer.submit(work)

    async def _decide(self, decision: Decision) -> None:
        await attributes.enforce(
            self._engine.store,
            self._workspace_id,
            decision.attribute,
            decision.enforcement,
            entropy=self._engine.entropy,
            actor=OLIVE,
        )

    async def _known(self, user_id: str) -> ContactId:
        return (await find_by_external_id(self._engine.store, self._workspace_id, user_id)).id

    async def _believed(self, token: str) -> tuple[Claims, int]:
        rules = await self._engine.rulebook.current(self._workspace_id)
        claims = verify(token, keyring=rules.keyring, policy=rules.policy, platform=Platform.WEB, now=self._clock.at)
        return claims, rules.version

    def _bad_token(self, refused: Refused) -> str:
        key, at = self._credentials, self._clock.at
        match refused.attempt:
            case Attempt.EXPIRED:
                return avow.sign(refused.user_id, key=key.secret, kid=key.kid, now=at - 86_400)
            case Attempt.AHEAD:
                return avow.sign(refused.user_id, key=key.secret, kid=key.kid, now=at + 7_200)
            case Attempt.FORGED:
                forged = secret_from_random(self._engine.entropy(32))
                return avow.sign(refused.user_id, {"plan": "enterprise"}, key=forged, kid=key.kid, now=at)

    def _digest(self, name: str) -> str:
        if name not in self._sessions:
            engine = self._engine
            self._sessions[name] = sessions.make(self._workspace_id, engine.session_key, engine.entropy(16))
        return sessions.digest(self._sessions[name])


def together(story: Sequence[Step]) -> Iterator[tuple[float, list[Act]]]:
    """What happens within the same hours, to nobody twice, and the time of the last of it; decisions by themselves."""
    group: list[Step] = []
    busy: set[str] = set()
    for step in story:
        who, alone = _touched(step.act), isinstance(step.act, Decision)
        if group and (alone or step.at - group[0].at > AT_ONCE or busy & who):
            yield group[-1].at, [one.act for one in group]
            group, busy = [], set()
        group.append(step)
        busy |= who
        if alone:
            yield step.at, [step.act]
            group, busy = [], set()
    if group:
        yield group[-1].at, [one.act for one in group]


def _touched(act: Act) -> set[str]:
    """Whom, and whose browser, an act is about."""
    names = (getattr(act, "user_id", None), getattr(act, "session", None))
    return {name for name in names if name is not None}
