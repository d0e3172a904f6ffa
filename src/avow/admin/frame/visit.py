"""Who looks at which workspace, with what in her hands? One request of a screen, once it is known who makes it.

A handler takes a `Visit` and returns a `Reply`: a page, the way to another one, or the event stream's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from avow.admin.frame.toasts import Toast
from avow.admin.frame.tries import Tries
from avow.errors import AvowError, BadInput, BadInputs
from avow.flow.contract import Workspace
from avow.flow.engine import Engine
from avow.flow.screens.live import Watch
from avow.flow.team.passwords import Passwords
from avow.flow.team.roles import May, Present
from avow.flow.team.sessions import Place
from avow.trust.contact import WorkspaceId
from avow.trust.policy import WorkspaceKind
from avow.web.forms import Form
from avow.web.responses import Header

NOTHING = Form({}, {})


@dataclass(frozen=True, slots=True)
class House:
    """What all screens of a process share. `paths` are the addresses below a workspace that there are."""

    engine: Engine
    passwords: Passwords
    watch: Watch
    paths: frozenset[str]
    tries: Tries

    def take_try(self, known: Browser) -> None:
        """Count one try of a password or a code. Raises `RateLimited` where there were too many."""
        self.tries.take(known.place.address, known.told, self.engine.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """What is known of the browser: over TLS or not, where, in which zone and colours, and whether htmx asks.

    `zone_told` is False before its first page: the workspace's zone stands in then. `base` is what addresses of this
    server begin with, as the browser writes them. `renews_part`: a part of the page is asked for, not all of it, so
    that no toast would be seen. `columns` are the ids, with points between, of the attributes that
    she wants to see of people; unchecked. `told` is the address that a proxy which nobody named tells of her, for
    limits only; without one, that of her place. `guarded_toast`: its toast came by the name that only TLS can set.
    """

    secure: bool
    place: Place
    told: str
    zone: ZoneInfo
    zone_told: bool
    theme: str
    by_script: bool
    base: str
    columns: str = ""
    renews_part: bool = False
    guarded_toast: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request of somebody who is signed in. `workspace` is the one in the address; `workspaces` are hers.

    `seen` are the versions of what its page shows, for the event stream that keeps the page live.
    `fault` is set where a form that was sent is shown again, because of it. `head_only`: nothing but the head of the
    answer leaves.
    """

    house: House
    browser: Browser
    here: Present
    workspace: Workspace
    workspaces: tuple[Workspace, ...]
    path: Mapping[str, str]
    query: Form
    address: str
    head_only: bool = False
    seen: str = ""
    form: Form = NOTHING
    fault: AvowError | None = None
    toast: Toast | None = None

    @property
    def engine(self) -> Engine:
        """The engine."""
        return self.house.engine

    @property
    def workspace_id(self) -> WorkspaceId:
        """Where everything happens."""
        return self.workspace.id

    @property
    def now(self) -> float:
        """Unix seconds."""
        return self.house.engine.now()

    @property
    def is_test(self) -> bool:
        """Whether this is the test workspace."""
        return self.workspace.kind is WorkspaceKind.TEST

    @property
    def root(self) -> str:
        """What the addresses of this workspace's screens begin with."""
        return f"/app/{self.workspace.id}"

    def may(self, what: str) -> bool:
        """Whether her role may do that: for showing what can be done, and what cannot."""
        return self.here.may(May(what))

    def acting(self, what: May) -> str:
        """Her name for records. Raises `Forbidden` where her role may not: the only way to such a name."""
        return self.here.acting(what)

    def typed(self, name: str, otherwise: str = "") -> str:
        """What stands in a field: what was sent where the form is shown again, else what is known."""
        value = self.form.get(name)
        return otherwise if value is None else value

    def fault_of(self, name: str) -> str | None:
        """What is wrong with a field, if anything is."""
        for fault in _faults(self.fault):
            if fault.field == name:
                return fault.message
        return None

    def need(self, name: str) -> str:
        """A field of the form. Raises `BadInput` where it did not come."""
        value = self.form.get(name)
        if value is None:
            raise BadInput(f"The form has no field {name}; reload the page and try again.", field=name)
        return value

    def need_moment(self, name: str) -> int:
        """The same of a date and time in the zone of the form, as Unix seconds. Raises `BadInput`."""
        try:
            typed = datetime.fromisoformat(self.need(name)).replace(tzinfo=self.browser.zone)
            return int(typed.astimezone(UTC).timestamp())
        except (ValueError, OverflowError):
            raise BadInput("That is no date and time. Expected one such as 2027-01-31 09:00.", field=name) from None


def _faults(fault: AvowError | None) -> list[AvowError]:
    if fault is None:
        return []
    return list(fault.errors) if isinstance(fault, BadInputs) else [fault]


@dataclass(frozen=True, slots=True)
class Page:
    """A page to show: its template, what stands in it (`it`), and its title."""

    template: str
    title: str
    it: Any = None
    status: int = 200
    headers: tuple[Header, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class SeeOther:
    """What was asked is done; the browser looks at `address` next, where `toast` says so."""

    address: str
    toast: Toast | None = None
    headers: tuple[Header, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Download:
    """A file to keep: its pieces, its name (plain characters), and its media type."""

    pieces: AsyncIterator[bytes]
    name: str
    kind: str


Reply = Page | SeeOther | Download
Handler = Callable[[Visit], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Act:
    """What one method of an address does, and what her role must allow.

    `shown_by` is the handler of the page that the form stands on: it shows what is wrong, where something is.
    """

    handler: Handler
    may: May = May.LOOK
    shown_by: Handler | None = None
