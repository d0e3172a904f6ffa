"""How are numbers, times and words of fixed sets shown? For people: in their zone, rounded, with the exact beside it.

Source: issue "dates and numbers in the viewer's zone".
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from markupsafe import Markup

_MINUTE: Final = 60
_HOUR: Final = 3_600
_DAY: Final = 86_400
_FIRST: Final = -62_135_510_400
_LAST: Final = 253_402_128_000
_CHANNELS: Final = {
    "signed": "Signed token",
    "messenger": "Messenger, unsigned",
    "observed": "Observed",
    "bot": "Bot",
    "api": "REST API",
    "import": "Import",
    "teammate": "Teammate",
    "workflow": "Workflow",
}
_KINDS: Final = {
    "string": "Text",
    "integer": "Whole number",
    "float": "Number",
    "boolean": "Yes or no",
    "date": "Date",
    "list": "List",
    "avatar": "Picture",
}
_FAULTS: Final = {
    403: ("You may not do this", "Ask an admin or the owner of the workspace, or sign in as somebody who may."),
    404: ("Nothing is here", "The address may be mistyped, or what was here is gone."),
    409: ("Somebody was faster", "Go back, look at what changed, and try again."),
    429: ("A little slower, please", "Wait a moment and try again."),
    500: ("That did not work", "Something went wrong on the server. Nothing you typed was at fault."),
    503: ("Avow is catching its breath", "The database does not answer. Reload in a moment."),
    507: ("The disk is full", "Nothing was written. Whoever runs this server must free some space."),
}


def number(value: float) -> str:
    """1234567 as 1,234,567; a float with at most two digits."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".rstrip("0").rstrip(".")


def percent(share: float | None) -> str:
    """A share of one, as people say it: 100 % only where it is all, 0 % only where it is nothing."""
    if share is None:
        return "–"
    rounded = round(share * 100)
    if share < 1 and rounded == 100:
        return "> 99 %"
    if share > 0 and rounded == 0:
        return "< 1 %"
    return f"{rounded} %"


def plural(count: int, one: str, many: str = "") -> str:
    """A number with its noun: 1 person, 12 people."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def cut(text: str, length: int) -> str:
    """A text of at most so many characters, with dots in the place of the rest: words are cut, and never dropped."""
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def channel(word: str) -> str:
    """What screens call a channel."""
    return _CHANNELS.get(word, word)


def kind(word: str) -> str:
    """What screens call a type."""
    return _KINDS.get(word, word)


def action(word: str) -> str:
    """An operator's change in words: `attribute.enforcement` as "attribute enforcement"."""
    return word.replace(".", " ").replace("_", " ")


def fault(status: int) -> tuple[str, str]:
    """What a page says of an error that no form can show: its heading, and what to do."""
    return _FAULTS.get(status, ("That did not work", "Go back and try again."))


def when(at: float, *, zone: ZoneInfo) -> Markup:
    """A moment, to the minute: 12 Mar 2026, 14:05."""
    local = _local(at, zone)
    return _time(at, f"{local.day} {local:%b %Y, %H:%M}", f"{local:%A, %-d %B %Y, %H:%M:%S %Z}")


def day(at: float, *, zone: ZoneInfo) -> Markup:
    """A day: 12 Mar 2026."""
    local = _local(at, zone)
    return _time(at, f"{local.day} {local:%b %Y}", f"{local:%A, %-d %B %Y, %H:%M:%S %Z}")


def ago(at: float, *, zone: ZoneInfo, now: float) -> Markup:
    """How long ago, and the exact moment to whoever points at it."""
    local = _local(at, zone)
    past = now - at
    if past < _MINUTE:
        text = "just now" if past > -_MINUTE else f"{local.day} {local:%b %Y, %H:%M}"
    elif past < _HOUR:
        text = f"{int(past // _MINUTE)} min ago"
    elif past < _DAY:
        text = f"{int(past // _HOUR)} h ago"
    elif past < 7 * _DAY:
        text = plural(int(past // _DAY), "day") + " ago"
    else:
        text = f"{local.day} {local:%b %Y}"
    return _time(at, text, f"{local:%A, %-d %B %Y, %H:%M:%S %Z}")


def _time(at: float, text: str, exact: str) -> Markup:
    machine = _local(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(machine, exact, text)


def _local(at: float, zone: tzinfo) -> datetime:
    """The moment there. The first and the last day that calendars know stand for what lies before and after them."""
    return datetime.fromtimestamp(min(max(at, _FIRST), _LAST), zone)
