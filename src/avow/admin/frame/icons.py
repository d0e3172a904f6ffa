"""Which pictures do screens use? Small ones, drawn here, in lines of one weight on a grid of 24.

They are part of the page, so that nothing has to be fetched, and take the colour of the words beside them.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from markupsafe import Markup

_PATHS: Final = {
    "activity": "M3 12h4l3 8 4-16 3 8h4",
    "alert": "M12 3 2.5 20h19zM12 10v4M12 17h.01",
    "archive": "M3 5h18v4H3zM5 9v10h14V9M10 13h4",
    "arrow": "M5 12h14M13 6l6 6-6 6",
    "back": "M19 12H5M11 6l-6 6 6 6",
    "book": "M4 5a2 2 0 0 1 2-2h13v16H6a2 2 0 0 0-2 2zM4 19V5M9 7h6",
    "chart": "M4 20V4M4 20h16M8 16v-4M12 16V8M16 16v-6",
    "check": "M5 12.5 10 17.5 19 7",
    "chevron": "M6 9l6 6 6-6",
    "clock": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5l3 2",
    "close": "M6 6l12 12M18 6 6 18",
    "code": "M8 7l-5 5 5 5M16 7l5 5-5 5",
    "copy": "M9 9h11v11H9zM5 15H4V4h11v1",
    "device": "M3 5h18v11H3zM9 20h6M12 16v4",
    "download": "M12 4v11M7 11l5 5 5-5M4 20h16",
    "edit": "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
    "external": "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
    "eye": "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6",
    "filter": "M4 5h16l-6 8v6l-4-2v-4z",
    "flask": "M10 3v6L4.5 18.5A1.7 1.7 0 0 0 6 21h12a1.7 1.7 0 0 0 1.5-2.5L14 9V3M8 3h8M7.5 15h9",
    "hand": "M7 12V6.5a1.5 1.5 0 0 1 3 0V11M10 11V4.5a1.5 1.5 0 0 1 3 0V11M13 11V5.5a1.5 1.5 0 0 1 3 0V13"
    "M16 10.5a1.5 1.5 0 0 1 3 0V15a6 6 0 0 1-6 6h-1a6 6 0 0 1-5-2.7L4 14.5a1.5 1.5 0 0 1 2.4-1.8L7 13.5",
    "home": "M3 11l9-8 9 8M5 9.5V20h5v-6h4v6h5V9.5",
    "inbox": "M3 13l3-8h12l3 8v6H3zM3 13h5l1.5 3h5L16 13h5",
    "info": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 11v6M12 7.5h.01",
    "key": "M14.5 3a6.5 6.5 0 0 0-6.2 8.5L3 16.8V21h4.2v-2.5h2.5V16h2l.8-.8A6.5 6.5 0 1 0 14.5 3M16.5 7.5h.01",
    "layers": "M12 3l9 5-9 5-9-5zM3 12.5l9 5 9-5M3 17l9 5 9-5",
    "leave": "M14 4h6v16h-6M10 8l-4 4 4 4M6 12h10",
    "lock": "M6 11h12v9H6zM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11M12 14.5v2",
    "mail": "M3 6h18v12H3zM3 7l9 6 9-6",
    "menu": "M4 7h16M4 12h16M4 17h16",
    "merge": "M6 4v4a6 6 0 0 0 6 6h6M6 20v-4M14 10l4 4-4 4",
    "message": "M4 5h16v11H9l-5 4z",
    "minus": "M5 12h14",
    "moon": "M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5",
    "more": "M6 12h.01M12 12h.01M18 12h.01",
    "open": "M6 11h12v9H6zM8.5 11V7.5a3.5 3.5 0 0 1 6.8-1.1M12 14.5v2",
    "plus": "M12 5v14M5 12h14",
    "refresh": "M20 11a8 8 0 0 0-14.5-4L3 9.5M3 4v5.5h5.5M4 13a8 8 0 0 0 14.5 4l2.5-2.5M21 20v-5.5h-5.5",
    "search": "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14M16 16l5 5",
    "settings": "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5",
    "shield": "M12 3l8 3v6c0 4.5-3.4 7.7-8 9-4.6-1.3-8-4.5-8-9V6zM8.5 12l2.5 2.5 4.5-4.5",
    "sun": "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5 19 19M5 19l1.5-1.5"
    "M17.5 6.5 19 5",
    "table": "M3 5h18v14H3zM3 10h18M3 14.5h18M9 10v9",
    "tag": "M3 11V4h7l10.5 10.5-7 7zM7.5 8h.01",
    "team": "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M3 20c0-3.5 2.5-5.5 6-5.5s6 2 6 5.5M18 8v6M15 11h6",
    "trash": "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
    "undo": "M4 9h10a6 6 0 0 1 0 12h-3M8 5 4 9l4 4",
    "user": "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4 21c0-4 3.5-6 8-6s8 2 8 6",
    "users": "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M3 20c0-3.5 2.5-5.5 6-5.5s6 2 6 5.5M16 5.2a3.5 3.5 0 0 1 0 6.6"
    "M17.5 15c2.2.6 3.5 2.3 3.5 5",
    "webhook": "M9 16.5a4 4 0 1 1-4.5-4M8 5.7a4 4 0 1 1 6.5 3.8M10.5 8 7 14.5M13 6.5l3.5 6.5"
    "M11 17h7M16.5 13a4 4 0 1 1-1.7 7",
    "workflow": "M4 4h6v6H4zM14 14h6v6h-6zM10 7h4a3 3 0 0 1 3 3v4",
    "workspaces": "M4 20V7l8-4v17M12 8l8 3v9M3 20h18M7.5 9v.01M7.5 13v.01M7.5 17v.01M16 13.5v.01M16 17v.01",
}
_FRAME: Final = Markup(
    '<svg class="icon{}" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{}"/></svg>'
)


@cache
def icon(name: str, more: str = "") -> Markup:
    """A picture; `more` are further classes. It says nothing to who does not see it: the words beside it do."""
    return _FRAME.format(f" {more}" if more else "", _PATHS[name])


def every() -> list[str]:
    """The names of all pictures."""
    return list(_PATHS)
