"""Which addresses does one attribute have?"""

from __future__ import annotations

from typing import Final

from avow.admin.attribute import definition, held, page
from avow.admin.attribute.places import PATH
from avow.admin.frame.visit import Act
from avow.flow.team.roles import May

_ONE: Final = f"{PATH}/{{attribute}}"
_DEFINES: Final = May.MANAGE_ATTRIBUTES

ATTRIBUTE: Final[dict[str, dict[str, Act]]] = {
    f"{PATH}/new": {
        "GET": Act(definition.ask_new, _DEFINES),
        "POST": Act(definition.create, _DEFINES, shown_by=definition.ask_new),
    },
    _ONE: {"GET": Act(page.show)},
    f"{_ONE}/lock": {"GET": Act(page.ask_lock, May.LOCK), "POST": Act(page.lock, May.LOCK, shown_by=page.show)},
    f"{_ONE}/turn": {"POST": Act(page.turn, May.LOCK, shown_by=page.show)},
    f"{_ONE}/undo": {"POST": Act(page.undo, May.LOCK, shown_by=page.show)},
    f"{_ONE}/describe": {"POST": Act(definition.describe, _DEFINES, shown_by=page.show)},
    f"{_ONE}/filterable": {"POST": Act(definition.set_filterable, _DEFINES, shown_by=page.show)},
    f"{_ONE}/adopt": {
        "GET": Act(definition.ask_adopt, _DEFINES),
        "POST": Act(definition.adopt, _DEFINES, shown_by=definition.ask_adopt),
    },
    f"{_ONE}/archive": {
        "GET": Act(definition.ask_archive, _DEFINES),
        "POST": Act(definition.archive, _DEFINES, shown_by=page.show),
    },
    f"{_ONE}/held": {
        "GET": Act(held.show),
        "POST": Act(held.decide, May.EDIT_PEOPLE, shown_by=page.show_where_asked),
    },
    f"{_ONE}/accept-all": {"POST": Act(held.accept_all, May.EDIT_PEOPLE, shown_by=page.show_where_asked)},
}
"""Address below `/app/{workspace}` → method → what it does."""
