"""What would become of this request, were a browser to send it now? Every check, every verdict, nothing written.

- The same functions are asked as for a real one: `token.explain` for V1 to V12, then the work that the committer
  weighs, on a table laid with what is stored at this moment. What it asks to be written is thrown away.
- The rules may be others for this question (`proposals.py`).
- What is told depends on stored values: whoever asks is an operator, or has an access token for it.

Source: spec §4, §6, §10.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from avow.errors import AvowError
from avow.flow.contract import LookupKey, Store
from avow.flow.desk import Desk
from avow.flow.engine import Engine
from avow.flow.rules.sealing import derived
from avow.flow.updates.payload import Payload
from avow.flow.updates.proposals import Proposal, under
from avow.flow.updates.submissions import Receipt, Submission
from avow.flow.updates.update import MessengerUpdate
from avow.trust.change import Verdict
from avow.trust.contact import ContactId, WorkspaceId
from avow.trust.policy import Platform
from avow.trust.rules import Rules
from avow.trust.token import Claims, explain
from avow.trust.token_checks.numbers import Check
from avow.trust.user_hash import UserHashProof, prove

NOTHING: Final = Payload()
AS_IT_IS: Final = Proposal()


class Trial(msgspec.Struct, frozen=True):
    """What was found out. `contact_id` is None for a user who is not known yet; `refusal` what stopped it after V12,
    and `refusal_code` its code.

    `claims` is None where a check failed: then nothing of the payload is told, for nobody vouched for it. Where no
    token came (`asked` is false) no check was made.
    """

    platform: Platform
    checks: tuple[Check, ...]
    claims: Claims | None = None
    contact_id: ContactId | None = None
    verdicts: tuple[Verdict, ...] = ()
    refusal: str | None = None
    refusal_code: str | None = None
    asked: bool = True

    @property
    def believed(self) -> bool:
        """Whether the request would be let in."""
        return (self.claims is not None or not self.asked) and self.refusal is None


async def attempt(
    engine: Engine,
    workspace_id: WorkspaceId,
    raw_token: object,
    *,
    platform: Platform,
    payload: Payload = NOTHING,
    proposal: Proposal = AS_IT_IS,
) -> Trial:
    """Try a token (None: there is none), with what a page says beside it.

    Raises `NotFound` for no such workspace and `BadInput` for a proposal that cannot be; whatever is wrong with the
    request is in the answer.
    """
    await engine.rulebook.confirm()  # what was changed a moment ago counts
    rules = under(await engine.rulebook.current(workspace_id), proposal)
    desk = Desk(workspace_id, rules, engine.now(), engine.entropy, derived(engine.master_key, "erasure"))
    if raw_token is None:
        return await _unsigned(engine.store, desk, platform, payload)
    outcomes, claims = _checks(raw_token, desk, platform, payload, None)
    if claims is None:
        return Trial(platform, outcomes)
    work = MessengerUpdate(_submission(rules, platform, payload, claims, None))
    await _lay_out(engine.store, desk, work)
    # V12 needs the user, who is known now.
    outcomes, claims = _checks(raw_token, desk, platform, payload, _not_before(desk))
    if claims is None:
        return Trial(platform, outcomes)
    return _weighed(Trial(platform, outcomes, claims), work, desk)


async def _unsigned(store: Store, desk: Desk, platform: Platform, payload: Payload) -> Trial:
    trial, proof = Trial(platform, (), asked=False), None
    try:
        if payload.raw_user_hash is not None:
            proof = prove(
                payload.raw_user_hash,
                keyring=desk.rules.keyring,
                platform=platform,
                now=desk.now,
                unproven_user_id=payload.unproven_user_id,
                unproven_email=payload.unproven_email,
            )
    except AvowError as error:
        return _refused(trial, error)
    work = MessengerUpdate(_submission(desk.rules, platform, payload, None, proof))
    await _lay_out(store, desk, work)
    return _weighed(trial, work, desk)


def _checks(
    raw_token: object, desk: Desk, platform: Platform, payload: Payload, tokens_not_before: int | None
) -> tuple[tuple[Check, ...], Claims | None]:
    explanation = explain(
        raw_token,
        keyring=desk.rules.keyring,
        policy=desk.rules.policy,
        platform=platform,
        now=desk.now,
        unproven_user_id=payload.unproven_user_id,
        tokens_not_before=tokens_not_before,
    )
    return explanation.checks, explanation.claims


def _submission(
    rules: Rules, platform: Platform, payload: Payload, claims: Claims | None, proof: UserHashProof | None
) -> Submission:
    return Submission(
        rules.workspace_id,
        platform,
        rules.version,
        claims,
        proof,
        payload.unproven_user_id,
        payload.folded_email,
        raw_values=payload.raw_values,
    )


async def _lay_out(store: Store, desk: Desk, work: MessengerUpdate) -> None:
    await _find(store, desk, work.wants().keys)
    await _find(store, desk, work.wants_more(desk))
    ids = {found for rows in desk.keys.values() for found in rows if found is not None}
    for contact_id in sorted(ids):
        contact = await store.contact(desk.workspace_id, contact_id)
        if contact is not None:
            desk.lay_out([contact])


async def _find(store: Store, desk: Desk, keys: Sequence[LookupKey]) -> None:
    for key in keys:
        desk.lay_out_keys(await store.find(key))


def _not_before(desk: Desk) -> int | None:
    marks = [row.not_before for rows in desk.keys.values() for row in rows.values() if row.not_before is not None]
    return max(marks, default=None)


def _weighed(trial: Trial, work: MessengerUpdate, desk: Desk) -> Trial:
    try:
        receipt: Receipt = work.weigh(desk).result
    except AvowError as error:
        return msgspec.structs.replace(_refused(trial, error), contact_id=_only(desk))
    known = receipt.contact_id if receipt.contact_id in desk.contacts else None
    return msgspec.structs.replace(trial, contact_id=known, verdicts=receipt.verdicts)


def _only(desk: Desk) -> ContactId | None:
    """The one contact on the table."""
    return next(iter(desk.contacts)) if len(desk.contacts) == 1 else None


def _refused(trial: Trial, error: AvowError) -> Trial:
    return msgspec.structs.replace(trial, refusal=error.message, refusal_code=str(error.code))
