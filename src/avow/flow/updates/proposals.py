"""What if the rules were others? Attributes under another enforcement, another policy, for one question.

Nothing of it is stored. A proposal is checked as the change itself would be.
Source: spec §2, §4, §10 (`/tokens/check`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import msgspec

from avow.errors import BadInput
from avow.flow.workspaces import checked
from avow.trust.attribute import Enforcement
from avow.trust.policy import Policy
from avow.trust.rules import Rules
from avow.trust.weighing.names import ALIASES


class Proposal(msgspec.Struct, frozen=True):
    """Enforcement by attribute, and settings by name as `avow workspace show --json` has them. Empty: nothing is other.

    `raw_policy` is not checked yet; what it does not name stays as it is.
    """

    enforcement: Mapping[str, Enforcement] = {}
    raw_policy: Mapping[str, object] = {}

    def __bool__(self) -> bool:
        """Whether anything is proposed."""
        return bool(self.enforcement or self.raw_policy)


def under(rules: Rules, proposal: Proposal) -> Rules:
    """The rules as they would be. Raises `BadInput` for what cannot be proposed."""
    for name, enforcement in proposal.enforcement.items():
        attribute = rules.attributes.get(ALIASES.get(name, name))
        if attribute is None:
            raise BadInput(f"There is no attribute {name[:60]!r}.", field=f"enforcement.{name[:60]}")
        rules = rules.having(msgspec.structs.replace(attribute, enforcement=enforcement))
    if not proposal.raw_policy:
        return rules
    return replace(rules, policy=_policy(rules.policy, proposal.raw_policy))


def enforcements_of(raw: Mapping[str, object]) -> dict[str, Enforcement]:
    """Enforcements by attribute. Raises `BadInput` for a word that is none."""
    known = {str(one): one for one in Enforcement}
    for name, word in raw.items():
        if not isinstance(word, str) or word not in known:
            expected = ", ".join(known)
            raise BadInput(f"This is no enforcement; expected one of {expected}.", field=f"enforcement.{name[:60]}")
    return {name: known[str(word)] for name, word in raw.items()}


def _policy(policy: Policy, raw: Mapping[str, object]) -> Policy:
    unknown = sorted(raw.keys() - set(Policy.__struct_fields__))
    if unknown:
        known = ", ".join(Policy.__struct_fields__)
        raise BadInput(f"There is no setting {unknown[0][:60]!r}. There are: {known}.", field="policy")
    stored: dict[str, object] = msgspec.to_builtins(policy)
    for name, value in raw.items():
        try:
            msgspec.convert({name: value}, Policy)
        except msgspec.ValidationError:
            raise BadInput(f"{name} cannot be that; see the workspace policy's page.", field=f"policy.{name}") from None
    return checked(msgspec.convert({**stored, **raw}, Policy))
