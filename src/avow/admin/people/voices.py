"""Who said that? A channel and a name of a record, in words that a teammate knows: keys, colleagues, tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from avow.admin.frame.words import channel as channel_words
from avow.flow.contract import Teammate
from avow.trust.contact import Channel, Source
from avow.trust.rules import Rules

_TEAMMATE: Final = "teammate:"
_ACCESS_TOKEN: Final = "access_token:"
_IMPORT: Final = "import:"
_OPERATOR: Final = "cli:"


class Voice(msgspec.Struct, frozen=True):
    """Whose word: `by` is a name (empty where nobody has one), `channel` the way it came; both in words."""

    by: str
    channel: str
    verified: bool = False


class Voices(msgspec.Struct, frozen=True):
    """Names by how records write them."""

    names: Mapping[str, str]

    @classmethod
    def of(cls, rules: Rules, team: list[Teammate]) -> Voices:
        """Those of a workspace."""
        names = {f"{_TEAMMATE}{one.email}": one.name or one.email for one in team}
        names |= {one.actor: one.name for one in rules.access_tokens.values()}
        return cls(names)

    def of_source(self, source: Source | None) -> Voice | None:
        """Who wrote a value."""
        return None if source is None else self.of_record(source.channel, source.by, source.channel, source.verified)

    def of_record(self, channel: Channel | None, actor: str | None, kind: str | None, verified: bool = False) -> Voice:
        """Who is named by an actor or a key."""
        way = "" if kind is None else channel_words(kind)
        if channel is Channel.SIGNED and actor:
            return Voice(actor, way, verified)
        return Voice("" if actor is None else self.name(actor), way, verified)

    def name(self, actor: str) -> str:
        """An actor in words."""
        if (known := self.names.get(actor)) is not None:
            return known
        for prefix, words in ((_TEAMMATE, ""), (_ACCESS_TOKEN, "access token "), (_IMPORT, "import ")):
            if actor.startswith(prefix):
                return words + actor.removeprefix(prefix)
        return f"{actor.removeprefix(_OPERATOR)}, command line" if actor.startswith(_OPERATOR) else actor
