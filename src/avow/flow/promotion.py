"""How does production take over what was tried in test? After its difference was shown, and only as it was shown.

- Whoever promotes names the versions of both workspaces' rules that she saw. Where one of them has changed since, it is
  a `Conflict`, and nothing happens: she looks at the difference again.
- All of it is one transaction under production's exclusive lock, written down there: each attribute by itself, as if it
  had been changed by hand, and the promotion as a whole.

Source: spec §1 (promotion).
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from avow.errors import BadInput, Conflict, NotFound
from avow.flow.attributes import differences, joined
from avow.flow.bookkeeping.operator_log import log
from avow.flow.contract import RulesTransaction, Store, Workspace
from avow.flow.rules.declaring import fresh_id
from avow.flow.work import Entropy
from avow.trust.attribute import Attribute
from avow.trust.contact import WorkspaceId
from avow.trust.policy import WorkspaceKind
from avow.trust.promotion.plan import Move, Plan, Step, applied, plan


class Versions(msgspec.Struct, frozen=True):
    """The versions of both workspaces' rules."""

    test: int
    production: int


class Difference(msgspec.Struct, frozen=True):
    """What a promotion would do, and of which versions that is said."""

    test: Workspace
    production: Workspace
    versions: Versions
    plan: Plan


class Promoted(msgspec.Struct, frozen=True):
    """What a promotion has done: the attributes as production has them now, and those whose lock was left as it was."""

    changed: tuple[Attribute, ...]
    kept_locked: tuple[str, ...]


async def difference(store: Store, test_id: WorkspaceId) -> Difference:
    """Between a test workspace and its production one. Raises `BadInput` for one that is no test workspace."""
    test = await store.rules(test_id)
    if test is None:
        raise NotFound("There is no workspace of this id.", code="workspace_not_found")
    production = await store.rules(_production_of(test.workspace))
    assert production is not None
    made = plan(joined(test.attributes), joined(production.attributes))
    return Difference(test.workspace, production.workspace, Versions(test.version, production.version), made)


async def promote(
    store: Store,
    test_id: WorkspaceId,
    *,
    seen: Versions,
    confirmed: Collection[str] = (),
    entropy: Entropy,
    actor: str,
) -> Promoted:
    """Do what was shown. `confirmed` names the attributes that may be loosened. Raises `Conflict`, `BadInput`."""
    production_id = (await difference(store, test_id)).production.id
    async with store.rules_transaction(production_id) as transaction:
        # The test workspace is read under production's lock: what is promoted is what it says at one moment.
        test, rules = await store.rules(test_id), await transaction.rules()
        assert test is not None
        if Versions(test.version, rules.version) != seen:
            raise Conflict(
                "Test or production was changed since this difference was made. Look at it again before you promote.",
                field="versions",
            )
        known = joined(rules.attributes)
        made = plan(joined(test.attributes), known)
        _refuse_strange(made, confirmed)
        changed: list[Attribute] = []
        for step in made.steps:
            after = applied(
                step, confirmed=step.name in confirmed, now=transaction.now, fresh_id=fresh_id(known, entropy)
            )
            if after != step.known:
                known = {**known, after.name: after}
                changed.append(after)
                await transaction.put_attribute(after)
                await _log(transaction, production_id, entropy, actor, step, after)
        if changed:
            names = ", ".join(one.name for one in changed)
            await log(transaction, production_id, entropy, actor, "workspace.promote", test_id, "", names[:1000])
    kept = tuple(step.name for step in made.loosening if step.name not in confirmed)
    return Promoted(tuple(changed), kept)


async def _log(
    transaction: RulesTransaction,
    workspace_id: WorkspaceId,
    entropy: Entropy,
    actor: str,
    step: Step,
    after: Attribute,
) -> None:
    if step.known is not None and step.move is Move.CHANGE:
        for aspect, old, new in differences(step.known, after):
            await log(transaction, workspace_id, entropy, actor, f"attribute.{aspect}", after.name, old, new)
        return
    before = "" if step.known is None else f"provisional {step.known.type} {step.known.enforcement}"
    told = f"{after.type} {after.enforcement}"
    await log(transaction, workspace_id, entropy, actor, f"attribute.{step.move}", after.name, before, told)


def _refuse_strange(made: Plan, confirmed: Collection[str]) -> None:
    strange = sorted(set(confirmed) - {step.name for step in made.loosening})
    if strange:
        raise BadInput(f"{strange[0]!r} is not loosened by this promotion; confirm only what is.", field="loosen")


def _production_of(test: Workspace) -> WorkspaceId:
    if test.kind is not WorkspaceKind.TEST or test.production_id is None:
        raise BadInput(
            f"{test.id} is the production workspace. Promotion goes from a test workspace.", field="workspace"
        )
    return test.production_id
