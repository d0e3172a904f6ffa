"""Every family of hostile tokens, together."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.company import Company
from tests.support.tokens.case import Hostile
from tests.support.tokens.encodings import encodings
from tests.support.tokens.headers import headers
from tests.support.tokens.kids import kids
from tests.support.tokens.payloads import payloads
from tests.support.tokens.signatures import signatures
from tests.support.tokens.times import times

Family = Callable[[Company, float], list[Hostile]]

FAMILIES: tuple[Family, ...] = (encodings, headers, kids, signatures, payloads, times)


def hostile_tokens(acme: Company, now: float) -> list[Hostile]:
    """All of them, signed at `now` (Unix seconds) with the keys of `acme`; their names differ."""
    return [token for family in FAMILIES for token in family(acme, now)]
