"""Has somebody published a secret? A signing secret in a Messenger request came from a browser, so it is known to all.

A secret of ours is told by its prefix and checksum wherever it stands; an imported one where it is a whole field.
Source: spec §4, "Keys".
"""

from __future__ import annotations

from avow.trust.keys import Keyring, find_own_secret

SHORTEST_IMPORTED = 32


def holds_secret(body: bytes, fields: object, keyring: Keyring) -> bool:
    """Whether a request gives a signing secret away. `fields` is the decoded request, `body` the bytes it came as."""
    # An escape could hide the prefix, so only a body without any may be searched as it stands.
    hidden = b"\\u" in body or b"%" in body
    shortest = 0 if hidden or b"avow_sk_" in body else SHORTEST_IMPORTED
    texts: list[str] = []
    _gather(fields, shortest, texts)
    return any(
        (not shortest and find_own_secret(text)) or (len(text) >= SHORTEST_IMPORTED and keyring.holds_secret(text))
        for text in texts
    )


def _gather(value: object, shortest: int, texts: list[str]) -> None:
    """Every text of at least that length, names included."""
    if isinstance(value, str):
        if len(value) >= shortest:
            texts.append(value)
    elif isinstance(value, dict):
        for name, member in value.items():
            if len(name) >= shortest:
                texts.append(name)
            if type(member) is not str or len(member) >= shortest:
                _gather(member, shortest, texts)
    elif isinstance(value, list):
        for member in value:
            _gather(member, shortest, texts)
