"""What a hostile registration is: plain data, for the rules alone, the commands and the API."""

from __future__ import annotations

from dataclasses import dataclass

from avow.trust.keys import Algorithm


@dataclass(frozen=True)
class HostileKey:
    """What somebody tries to register; `found` is a part of the message that must tell what is wrong."""

    name: str
    algorithm: Algorithm
    raw: bytes
    found: str
