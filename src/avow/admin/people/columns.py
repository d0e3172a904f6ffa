"""Which attributes does she want to see of people? Those she chose, kept in her browser; at first what is locked.

The cookie holds ids of attributes of whichever workspaces she looks at: those of another one are left as they are.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from avow.admin.frame import browser
from avow.admin.frame.visit import Visit
from avow.trust.attribute import Attribute
from avow.trust.rules import Rules
from avow.web.responses import Header

MOST: Final = 6
_KEPT: Final = 40
_AT_FIRST: Final = 2
_ALWAYS_SHOWN: Final = ("name", "email")
_CHOSEN: Final = re.compile(r"(?:\d{1,10}(?:\.\d{1,10})*)?\Z")


def offered(rules: Rules) -> list[Attribute]:
    """What can be chosen: custom attributes first."""
    some = [one for one in rules.attributes.values() if not one.archived and one.name not in _ALWAYS_SHOWN]
    return sorted(some, key=lambda one: (one.standard, one.name))


def chosen(visit: Visit, rules: Rules) -> list[Attribute]:
    """The attributes to show, in the order in which they are offered."""
    known = offered(rules)
    ids = _ids(visit)
    mine = [one for one in known if one.id in ids]
    if ids and (mine or 0 in ids):
        return mine[:MOST]
    custom = [one for one in known if not one.standard and not one.provisional]
    return sorted(custom, key=lambda one: (not one.locked, not one.ever_signed))[:_AT_FIRST]


def kept(visit: Visit, rules: Rules, wanted: Collection[str]) -> Header:
    """The header by which the browser remembers them. 0 tells that some were chosen, be it none."""
    here = {one.id for one in offered(rules)}
    mine = [one.id for one in offered(rules) if str(one.id) in wanted][:MOST]
    others = [one for one in _ids(visit) if one not in here and one != 0]
    text = ".".join(str(one) for one in [0, *mine, *others][:_KEPT])
    return browser.set_columns(text, visit.browser)


def _ids(visit: Visit) -> list[int]:
    raw = visit.browser.columns
    return [int(one) for one in raw.split(".")] if raw and _CHOSEN.match(raw) else []
