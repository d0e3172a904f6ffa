"""The overview: how far this workspace is, what asks for attention, and how the last week went."""

from __future__ import annotations

import msgspec

from avow.admin.activity.operators import Told, told
from avow.admin.frame.visit import Page, Visit
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
    install: str
    sample: str


_STEPS = (
    ("Make a signing key", "Your backend signs with it; Avow checks with it. Nobody else can.", "key"),
    ("Sign in your backend", "Hand each page a token for the person who is signed in there.", "sign"),
    ("See the first signed update arrive", "Open a page of your product: the value appears here by itself.", "arrive"),
    ("Lock what is signed", "From then on a browser changes it with a signature of yours, or not at all.", "lock"),
)


async def show(visit: Visit) -> Page:
    """The screen."""
    look = await overview.look(visit.engine, visit.workspace_id)
    changes = tuple(told(change) for change in look.changes)
    it = Shown(look, changes, _steps(look), "pip install avow", _sample(visit, look))
    return Page("overview.html", "Overview", it)


def _steps(look: Overview) -> tuple[Step, ...]:
    done = look.progress.steps
    following = next((at for at, one in enumerate(done) if not one), None)
    return tuple(
        Step(title, text, "done" if done[at] else "next" if at == following else "later", part)
        for at, (title, text, part) in enumerate(_STEPS)
    )


def _sample(visit: Visit, look: Overview) -> str:
    """What a backend in Python writes, with this workspace's names in it."""
    kid = look.progress.kid or "YOUR_KEY_ID"
    return f"""\
import os
import avow

token = avow.sign(
    "USER_ID",                              # the person who is signed in
    {{"email": "…", "plan": "pro"}},          # what you vouch for
    key=os.environ["AVOW_SIGNING_SECRET"],
    kid="{kid}",
)

# in the page, for the Messenger:
#   window.intercomSettings = {{
#     api_base: "{visit.browser.base}", app_id: "{visit.workspace_id}", intercom_user_jwt: token
#   }}
"""
