"""Who changed what about the rules or the team? Every such change is written down in the transaction that makes it.

Not here: what a change of a contact leaves behind, which is a change record (`trust/change.py`).
Source: spec §1, §2, §4.
"""

from __future__ import annotations

from avow.flow.contract import OperatorChange, RulesTransaction, Teammate, TeamTransaction
from avow.flow.work import Entropy
from avow.trust.contact import WorkspaceId


async def log(
    transaction: RulesTransaction,
    workspace_id: WorkspaceId,
    entropy: Entropy,
    actor: str,
    action: str,
    subject: str,
    before: str = "",
    after: str = "",
) -> None:
    """Write down what was changed: it is there when the change is, and not otherwise."""
    await transaction.log(entry(workspace_id, transaction.now, entropy, actor, action, subject, before, after))


async def log_teammate(
    transaction: TeamTransaction,
    about: Teammate,
    entropy: Entropy,
    actor: str,
    action: str,
    before: str = "",
    after: str = "",
) -> None:
    """The same of a teammate, who is named by her address."""
    now = transaction.now
    await transaction.log(entry(about.workspace_id, now, entropy, actor, action, about.email, before, after))


def entry(
    workspace_id: WorkspaceId,
    now: float,
    entropy: Entropy,
    actor: str,
    action: str,
    subject: str,
    before: str = "",
    after: str = "",
) -> OperatorChange:
    """The same as a row, for whoever writes it with others. `now` is Unix seconds; no secret belongs into any text."""
    return OperatorChange(workspace_id, entropy(12).hex(), now, actor, action, subject, before, after)
