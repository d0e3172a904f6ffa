"""Has somebody published a secret? A signing secret in a Messenger request came from a browser, so it is known to all.

A secret of ours is told by its prefix and checksum wherever it stands; an imported one where it is a whole field.
Source: spec §4, "Keys".
"""

from __future__ import annotations

from collections.abc import Iterator

from avow.trust.keys import Keyring, find_own_secret

SHORTEST_IMPORTED = 32


def holds_secret(body: bytes, fields: object, keyring: Keyring) -> bool:
    """Whether a request gives a signing secret away. `fields` is the decoded request, `body` the bytes it came as."""
    # An escape could hide the prefix, so only a body without any may be searched as it stands.
    if b"avow_sk_" not in body and b"\\u" not in body and b"%" not in body:
        return any(len(text) >= SHORTEST_IMPORTED and keyring.holds_secret(text) for text in _texts(fields))
    return any(
        find_own_secret(text) or (len(text) >= SHORTEST_IMPORTED and keyring.holds_secret(text)) for text in _texts(fields)
    )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from _texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member)
