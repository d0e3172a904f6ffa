"""The overview: how far this workspace is, what asks for attention, and how the last week went."""

from __future__ import annotations

import msgspec

from avow.admin.activity.operators import Told, told
from avow.admin.frame.visit import Page, Visit
from avow.admin.security.samples import sample, snippet
from avow.flow.screens import overview
from avow.flow.screens.overview import Overview


class Step(msgspec.Struct, frozen=True):
    """One line of the checklist. `stage` is done, next or later."""

    title: str
    text: str
    stage: str
    part: str


class Shown(msgspec.Struct, frozen=True):
    """What stands on the screen."""

    look: Overview
    changes: tuple[Told, ...]
    steps: tuple[Step, ...]
    sample: str
    snippet: str


_STEPS = (
    ("Make a signing key", "Your backend signs with it; Avow checks with it. Nobody else can.", "key"),
    ("Sign in your backend", "Hand each page a token for the person who is signed in there.", "sign"),
    ("See the first signed update arrive", "Open a page of your product: the value appears here by itself.", "arrive"),
    ("Lock a first attribute", "From then on a browser changes it with a signature of yours, or not at all.", "lock"),
)


async def show(visit: Visit) -> Page:
    """The screen."""
    look = await overview.look(visit.engine, visit.workspace_id)
    changes = tuple(told(change) for change in look.changes)
    it = Shown(look, changes, _steps(look), sample("python", look.progress.kid), snippet(visit))
    return Page("overview.html", "Overview", it)


def _steps(look: Overview) -> tuple[Step, ...]:
    done = look.progress.steps
    following = next((at for at, one in enumerate(done) if not one), None)
    return tuple(
        Step(title, text, "done" if done[at] else "next" if at == following else "later", part)
        for at, (title, text, part) in enumerate(_STEPS)
    )
