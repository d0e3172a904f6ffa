"""Where can one go from here? One table of entries: those whose screens are there, and that her role may see.

An entry is lit while the address begins with its own; the longest that fits wins.
"""

from __future__ import annotations

from typing import Final

import msgspec

from avow.admin.frame.visit import Visit
from avow.flow.team.roles import May


class Entry(msgspec.Struct, frozen=True):
    """One line of the menu. `path` follows the workspace's address."""

    title: str
    icon: str
    path: str
    may: May = May.LOOK


class Group(msgspec.Struct, frozen=True):
    """Lines that belong together; the first group has no title."""

    title: str
    entries: tuple[Entry, ...]


class Link(msgspec.Struct, frozen=True):
    """A line as it is shown."""

    title: str
    icon: str
    address: str
    lit: bool


MENU: Final = (
    Group(
        "",
        (
            Entry("Overview", "home", ""),
            Entry("People", "users", "/people"),
            Entry("Activity", "activity", "/activity"),
            Entry("Inbox", "inbox", "/inbox"),
            Entry("Audiences", "layers", "/audiences"),
            Entry("Messages", "message", "/messages"),
            Entry("Workflows", "workflow", "/workflows"),
        ),
    ),
    Group(
        "Settings",
        (
            Entry("Data > People", "table", "/settings/data/people"),
            Entry("Security", "shield", "/settings/security"),
            Entry("Webhooks", "webhook", "/settings/webhooks"),
            Entry("Access tokens", "key", "/settings/access-tokens"),
            Entry("Teammates", "team", "/settings/teammates"),
            Entry("Workspaces", "workspaces", "/settings/workspaces"),
        ),
    ),
)


def menu(visit: Visit) -> tuple[tuple[str, tuple[Link, ...]], ...]:
    """The groups as they are shown to her, here."""
    here = visit.address.removeprefix(visit.root)
    shown = [
        (group.title, [one for one in group.entries if one.path in visit.house.paths and visit.here.may(one.may)])
        for group in MENU
    ]
    fitting = [one.path for _, entries in shown for one in entries if _fits(one.path, here)]
    lit = max(fitting, key=len, default=None)
    return tuple(
        (title, tuple(Link(one.title, one.icon, visit.root + one.path, one.path == lit) for one in entries))
        for title, entries in shown
        if entries
    )


def _fits(path: str, here: str) -> bool:
    return here == path or (path != "" and here.startswith(f"{path}/"))
