"""What would become of this token, were a browser to deliver it now? Every check, every verdict, nothing written.

The same functions are asked as for a real one: `token.explain` for V1 to V12, then the work that the committer weighs,
on a table laid with what is stored at this moment. What it asks to be written is thrown away.
Source: spec §4, §6.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from avow.errors import AvowError
from avow.flow.contract import LookupKey, Store
from avow.flow.desk import Desk
from avow.flow.engine import Engine
from avow.flow.keys import derived
from avow.flow.updates.submissions import Receipt, Submission
from avow.flow.updates.update import MessengerUpdate
from avow.trust.change import Verdict
from avow.trust.contact import ContactId, WorkspaceId
from avow.trust.policy import Platform
from avow.trust.token import Claims, explain
from avow.trust.token_checks.numbers import Check


class Trial(msgspec.Struct, frozen=True):
    """What was found out. `contact_id` is None for a user who is not known yet; `refusal` what stopped it after V12.

    `claims` is None where a check failed: then nothing of the payload is told, for nobody vouched for it.
    """

    platform: Platform
    checks: tuple[Check, ...]
    claims: Claims | None = None
    contact_id: ContactId | None = None
    verdicts: tuple[Verdict, ...] = ()
    refusal: str | None = None

    @property
    def believed(self) -> bool:
        """Whether the request would be let in."""
        return self.claims is not None and self.refusal is None


async def attempt(
    engine: Engine,
    workspace_id: WorkspaceId,
    raw_token: str,
    *,
    platform: Platform,
    unproven_user_id: str | None = None,
) -> Trial:
    """Try a token. Raises `NotFound` for no such workspace; whatever is wrong with the token is in the answer."""
    rules = await engine.rulebook.current(workspace_id)
    now = engine.now()

    def checks(tokens_not_before: int | None) -> tuple[tuple[Check, ...], Claims | None]:
        explanation = explain(
            raw_token,
            keyring=rules.keyring,
            policy=rules.policy,
            platform=platform,
            now=now,
            unproven_user_id=unproven_user_id,
            tokens_not_before=tokens_not_before,
        )
        return explanation.checks, explanation.claims

    outcomes, claims = checks(None)
    if claims is None:
        return Trial(platform, outcomes)
    work = MessengerUpdate(Submission(workspace_id, platform, rules.version, claims))
    desk = Desk(workspace_id, rules, now, engine.entropy, derived(engine.master_key, "erasure"))
    await _lay_out(engine.store, desk, work)
    # V12 needs the user, who is known now.
    outcomes, claims = checks(_not_before(desk))
    if claims is None:
        return Trial(platform, outcomes)
    return _weighed(Trial(platform, outcomes, claims), work, desk)


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
    known = next(iter(desk.contacts.values()), None)
    contact_id = known.id if known is not None else None
    try:
        receipt: Receipt = work.weigh(desk).result
    except AvowError as error:
        return msgspec.structs.replace(trial, contact_id=contact_id, refusal=error.message)
    return msgspec.structs.replace(trial, contact_id=contact_id, verdicts=receipt.verdicts)
