"""Where is an attribute's page, and which attribute is this one's?"""

from __future__ import annotations

from typing import Final

from avow.admin.frame.visit import Visit
from avow.flow.screens import one_attribute
from avow.trust.attribute import Attribute

PATH: Final = "/settings/data/people"


def address(visit: Visit, attribute: Attribute, rest: str = "") -> str:
    """The address of an attribute's page, or of what is below it. Numbers stay, whatever a name is written like."""
    return f"{visit.root}{PATH}/{attribute.id}{rest}"


async def of(visit: Visit) -> Attribute:
    """The attribute that the address names. Raises `NotFound`."""
    return await one_attribute.find(visit.engine, visit.workspace_id, visit.path["attribute"])
