"""Who says it, and from where: the voice behind a set of values, before any of them is weighed."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from avow.trust.contact import Channel

_EITHER_WAY = frozenset({Channel.API, Channel.IMPORT, Channel.WORKFLOW})


class Voice(msgspec.Struct, frozen=True, gc=False):
    """Who says a set of values: the channel, whether that vouches for them, and since when (`signed_at`, whole
    seconds).

    `by` is the key's kid or the actor; `dated` is false for a token without `iat`; `proven` whether the caller had
    proven whom the request is about, `proven_by` the kid of the key whose token did; `asked` whether a bot asks the
    server's own open question.
    """

    channel: Channel
    verified: bool
    by: str | None
    signed_at: int
    dated: bool = True
    proven: bool = True
    asked: bool = False
    proven_by: str | None = None

    @property
    def unvouched(self) -> bool:
        """Whether nobody vouches, by a channel that does not tell that by itself."""
        return not self.verified and self.channel in _EITHER_WAY


class Saying(msgspec.Struct, frozen=True):
    """Values as one voice says them, by the names it used."""

    voice: Voice
    raw_values: Mapping[str, object]


class Page(msgspec.Struct, frozen=True):
    """Where a browser says it was: shown with held values, as text, never believed."""

    origin: str | None = None
    path: str | None = None
    sdk: str | None = None


NOWHERE = Page()
