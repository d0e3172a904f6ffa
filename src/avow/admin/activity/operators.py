"""How is an operator's change told? What was done to what, and from what to what, in the words of the screens.

Source: the actions that the flows write down (`bookkeeping/operator_log.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from avow.admin.frame import words
from avow.flow.contract import OperatorChange
from avow.flow.team.roles import WORDS as ROLES
from avow.flow.team.roles import TeamRole

AREAS: Final = {
    "attribute": "Attributes and locks",
    "key": "Signing keys",
    "access_token": "Access tokens",
    "policy": "Security settings",
    "teammate": "Teammates",
    "second_factor": "Second factors",
    "workspace": "Workspaces and promotion",
    "people": "People, in bulk",
    "contact": "People",
    "tag": "Tags",
}
_DONE: Final = {
    "attribute.create": "created",
    "attribute.adopt": "adopted",
    "attribute.enforcement": "who may write it",
    "attribute.description": "description",
    "attribute.options": "options",
    "attribute.archived": "archived",
    "attribute.filterable": "quick to filter by",
    "key.add": "signing key added",
    "key.retiring": "signing key retires",
    "key.retired": "signing key retired",
    "key.revoked": "signing key revoked",
    "key.distrusted": "signing key distrusted",
    "access_token.make": "access token made",
    "access_token.revoke": "access token revoked",
    "policy.set": "settings",
    "teammate.invite": "invited",
    "teammate.uninvite": "invitation withdrawn",
    "teammate.join": "joined",
    "teammate.role": "role",
    "teammate.remove": "removed",
    "teammate.password": "password changed",
    "teammate.sign_out": "signed out everywhere",
    "second_factor.on": "second factor",
    "second_factor.off": "second factor",
    "second_factor.codes": "new recovery codes",
    "workspace.rename": "name",
    "workspace.timezone": "time zone",
    "workspace.promote": "promoted from the test workspace",
    "people.export": "people exported",
    "contact.export": "downloaded",
    "tag.delete": "tag removed",
}
_ENFORCEMENTS: Final = {"open": "Open", "monitor": "Monitored", "locked": "Locked"}
_LONGEST: Final = 160


class Difference(msgspec.Struct, frozen=True):
    """From what to what; what was not there before, or is not there after, is empty. `about` names a setting."""

    before: str
    after: str
    about: str = ""


class Told(msgspec.Struct, frozen=True):
    """One change as it is shown. `subject` is empty where the workspace itself was changed."""

    change: OperatorChange
    done: str
    subject: str
    who: str
    differences: tuple[Difference, ...]


def told(change: OperatorChange) -> Told:
    """The change in words."""
    done = _DONE.get(change.action) or words.action(change.action.partition(".")[2] or change.action)
    subject = "" if change.subject == change.workspace_id else change.subject
    return Told(change, done, subject, who(change.actor), _differences(change))


def who(actor: str) -> str:
    """An actor in words: a teammate's address, or which command or token it was."""
    kind, _, rest = actor.partition(":")
    if kind == "teammate" and rest:
        return rest
    if kind == "access_token" and rest:
        return f"Access token {rest}"
    return f"{rest} at the command line" if kind in ("cli", "operator") and rest else actor


def _differences(change: OperatorChange) -> tuple[Difference, ...]:
    if change.action == "policy.set":
        return _settings(change.before, change.after)
    say = _SAYING.get(change.action, _plain)
    if change.before == change.after:
        return ()
    return (Difference(say(change.before), say(change.after)),)


def _settings(raw_before: str, raw_after: str) -> tuple[Difference, ...]:
    """The settings that differ; those of which nothing is written down stand as they are from the start."""
    before, after = _object(raw_before), _object(raw_after)
    return tuple(
        Difference(_setting(before.get(name)), _setting(after.get(name)), words.action(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    )


def _object(raw_text: str) -> dict[str, object]:
    try:
        return msgspec.json.decode(raw_text, type=dict[str, object])
    except msgspec.MsgspecError:
        return {}


def _setting(value: object) -> str:
    if value is None:
        return "as at first"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {one}" for name, one in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return words.action(str(value))


def _plain(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _yes_or_no(text: str) -> str:
    return {"true": "yes", "false": "no"}.get(text, text)


def _enforcement(text: str) -> str:
    return _ENFORCEMENTS.get(text, text)


def _role(text: str) -> str:
    return ROLES[TeamRole(text)] if text in tuple(TeamRole) else text


def _options(text: str) -> str:
    try:
        return _plain(", ".join(msgspec.json.decode(text, type=list[str])))
    except msgspec.MsgspecError:
        return _plain(text)


def _definition(text: str) -> str:
    """Type and enforcement, as `attribute.create` writes them."""
    return ", ".join(_ENFORCEMENTS.get(word) or words.kind(word) for word in text.split())


_SAYING: Final[dict[str, Callable[[str], str]]] = {
    "attribute.create": _definition,
    "attribute.adopt": _definition,
    "attribute.enforcement": _enforcement,
    "attribute.options": _options,
    "attribute.archived": _yes_or_no,
    "attribute.filterable": _yes_or_no,
    "teammate.invite": _role,
    "teammate.uninvite": _role,
    "teammate.join": _role,
    "teammate.role": _role,
    "teammate.remove": _role,
}
