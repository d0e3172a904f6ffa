"""Has somebody published a secret? A signing secret in a Messenger request came from a browser, so it is known to all.

A secret of ours is told by its prefix and checksum wherever it stands; an imported one where it is a whole field.
Source: spec §4, "Keys".
"""

from __future__ import annotations

from collections.abc import Mapping, Set

from avow.trust.keys import Keyring, find_own_secret


def holds_secret(body: bytes, fields: Mapping[str, object], keyring: Keyring) -> bool:
    """Whether a request gives a signing secret away. `fields` is the decoded request, `body` the bytes it came as."""
    # An escape could hide the prefix, so only a body without any may be searched as it stands.
    may_hold_ours = body.find(b"avow_sk_") >= 0 or body.find(b"\\u") >= 0 or body.find(b"%") >= 0
    lengths = None if may_hold_ours else keyring.secret_lengths
    if lengths is not None and not lengths:
        return False
    texts: list[str] = []
    _gather(fields, lengths, texts)
    return any(find_own_secret(text) or keyring.holds_secret(text) for text in texts)


def _gather(value: object, lengths: Set[int] | None, texts: list[str]) -> None:
    """Every text, names included, of one of these lengths; None: of any."""
    if isinstance(value, str):
        if lengths is None or len(value) in lengths:
            texts.append(value)
    elif isinstance(value, dict):
        for name, member in value.items():
            if lengths is None or len(name) in lengths:
                texts.append(name)
            if type(member) is not str or lengths is None or len(member) in lengths:
                _gather(member, lengths, texts)
    elif isinstance(value, list):
        for member in value:
            _gather(member, lengths, texts)
