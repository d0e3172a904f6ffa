"""Which values has an adoption put aside, that still stand where they stood when it came?

No contact is written because an attribute was adopted. Readers settle what they read (`contacts/reading.py`); a
database cannot, and hands over the values that it is in doubt about: here they are settled too.

Source: spec §2.
"""

from __future__ import annotations

from avow.flow.contract import Store
from avow.flow.search.fields import value_of
from avow.trust.attribute import Attribute, AttributeType
from avow.trust.contact import ContactId, Holding, WorkspaceId
from avow.trust.weighing.checks import settled


def puts_aside(attribute: Attribute) -> bool:
    """Whether the adoption of this attribute may have put values aside: whatever was there has a form as text."""
    return attribute.adopted_at is not None and attribute.type is not AttributeType.STRING


async def put_aside(
    store: Store, workspace_id: WorkspaceId, attribute: Attribute, *, before: ContactId | None, among: int
) -> dict[ContactId, Holding]:
    """Those of the newest `among` contacts older than `before` whose value is held, and is stored as if it stood.

    Each with the holding as it is stored.
    """
    if not puts_aside(attribute):
        return {}
    doubtful = await store.screens.unsettled(workspace_id, value_of(attribute), before=before, among=among)
    return {one: holding for one, holding in doubtful.items() if _is_put_aside(holding, attribute)}


def _is_put_aside(holding: Holding, attribute: Attribute) -> bool:
    return settled(holding, attribute).source is not holding.source
