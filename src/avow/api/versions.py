"""Which version of Intercom's API does a caller speak? The header `Intercom-Version`, and what depends on it.

- Absent: 2.14, which the published clients speak. Every version there has been is taken; any other is a 400.
- Few things differ: whether an attribute is created locked (2.11), and whether `owner_id` is text (2.16).

Source: contract/intercom-notes.md §2.2, §4.1, §4.3; spec §2.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from avow.errors import BadInput

HEADER: Final = "Intercom-Version"


class Version(msgspec.Struct, frozen=True, order=True):
    """One of them; `2.9` comes before `2.10`."""

    major: int
    minor: int


DEFAULT: Final = Version(2, 14)
LOCKED_BY_DEFAULT: Final = Version(2, 11)
NO_CONVERSATION_ATTRIBUTES: Final = Version(2, 15)
OWNER_AS_TEXT: Final = Version(2, 16)
UNSTABLE: Final = Version(99, 0)
"""What Intercom previews: everything that the newest one has."""

_KNOWN: Final = {
    f"{major}.{minor}": Version(major, minor) for major, last in ((1, 4), (2, 16)) for minor in range(last + 1)
}


def version_of(raw_header: bytes | None) -> Version:
    """The version that a header names. Raises `BadInput` (intercom_version_invalid)."""
    if raw_header is None:
        return DEFAULT
    name = raw_header.decode("latin-1").strip()
    if name.lower() == "unstable":
        return UNSTABLE
    version = _KNOWN.get(name)
    if version is None:
        raise BadInput(
            "The requested version is not one of 1.0 to 2.16; send one of those, or leave the header out for 2.14.",
            code="intercom_version_invalid",
            field=HEADER,
        )
    return version


def known_versions() -> Any:
    """Every name that is taken, as a type."""
    return Literal[(*_KNOWN, "Unstable")]
