"""Has this very request been believed before? Pages send the same bytes again and again, at every step of a visitor.

- What is recalled is what reading and believing would find again: they depend on the bytes, their kind, the platform,
  the origin, the rules and the time alone. The rules must be the same; the time is kept to: a token or its key ends.
- Only requests proven by a dated token of the past are kept, so that nothing in them depends on when they are read.
- V12, identity and every value are looked at anew, in the transaction (`flow/updates/update.py`).

Source: performance.md ("a ping that changes nothing").
"""

from __future__ import annotations

from collections import OrderedDict
from math import inf
from typing import TYPE_CHECKING, Final

from avow.trust.rules import Rules
from avow.trust.token_checks.times import LEEWAY

if TYPE_CHECKING:
    from avow.messenger.admission import Admitted, Request

MOST: Final = 2_048
LONGEST: Final = 2_048
"""Bytes. What is kept is small, so that nobody fills the memory with requests that come once."""
_FEW_LISTS: Final = 8
_Key = tuple[str, str, str | None, bytes]


class Recall:
    """The newest requests of one process that were believed, and until when each may be (Unix seconds)."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        # A plain dict that is emptied from its front is searched from there again and again.
        self._kept: OrderedDict[_Key, tuple[Admitted, float]] = OrderedDict()
        self._seen: OrderedDict[int, None] = OrderedDict()

    def find(self, request: Request, now: float) -> Admitted | None:
        """What was found of these bytes, if it still holds under the rules it names."""
        kept = self._kept.get(_key(request))
        if kept is None or now < kept[1]:
            return kept[0] if kept is not None else None
        self.forget(request)
        return None

    def forget(self, request: Request) -> None:
        """What was kept of it holds no more."""
        self._kept.pop(_key(request), None)

    def keep(self, admitted: Admitted, now: float) -> None:
        """Remember a request that has come before, unless something in it depends on the moment."""
        request, claims = admitted.request, admitted.submission.claims
        if claims is None or not claims.dated or claims.signed_at >= int(now):
            return
        key = _key(request)
        # Most requests come once: of those only a number is kept, so that they push nothing out and cost nothing.
        sight = hash(key)
        if sight not in self._seen:
            self._seen[sight] = None
            if len(self._seen) > 4 * self._most:
                self._seen.popitem(last=False)
            return
        if len(request.body) > LONGEST or request.body.count(b"[") >= _FEW_LISTS:
            return
        self._kept.pop(key, None)
        self._kept[key] = (admitted, _until(claims.kid, claims.expires_at, admitted.rules))
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)


def _key(request: Request) -> _Key:
    return request.platform, request.media, request.origin, request.body


def _until(kid: str, expires_at: float | None, rules: Rules) -> float:
    ready = rules.keyring.find(kid)
    retires_at = ready.key.retires_at if ready is not None else 0
    return min(inf if expires_at is None else expires_at + LEEWAY, inf if retires_at is None else retires_at)
