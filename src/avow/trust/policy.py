"""What may be believed in one workspace: the owner's settings that the checks read (spec §1)."""

from __future__ import annotations

import msgspec

from avow.trust.words import Word


class WorkspaceKind(Word):
    """A test workspace belongs to a production one and shares neither data nor keys with it."""

    PRODUCTION = "production"
    TEST = "test"


class Platform(Word):
    """Which client a request came from; decided by the URL, never by the body (V4)."""

    WEB = "web"
    IOS = "ios"
    ANDROID = "android"


class MessengerSecurity(Word):
    """Whether a platform's requests must prove whom they are about (§5.4)."""

    OFF = "off"
    REQUIRED = "required"


class MayCreate(Word):
    """Who may create attributes by writing unknown names from the Messenger."""

    ANYONE = "anyone"
    SIGNED = "signed"
    NOBODY = "nobody"


class UndatedTokens(Word):
    """What a token without `iat` may do: it can be replayed for ever, so screens call it "replayable"."""

    ACCEPT = "accept"
    FILL_ONLY = "fill_only"
    REFUSE = "refuse"


class Policy(msgspec.Struct, frozen=True, omit_defaults=True):
    """A workspace's settings. Lifetimes are in whole seconds, retention in days.

    `tokens_not_before` (whole Unix seconds) ends every dated token up to then, as V12 does for one user.
    """

    messenger_security: dict[Platform, MessengerSecurity] = {}
    may_create: MayCreate = MayCreate.SIGNED
    require_exp: bool = False
    max_token_lifetime: int | None = None
    undated_tokens: UndatedTokens = UndatedTokens.ACCEPT
    issuer: str | None = None
    audience: str | None = None
    origins: tuple[str, ...] = ()
    explain_verdicts: bool = False
    retention_days: int = 30
    tokens_not_before: int | None = None

    def requires_proof(self, platform: Platform) -> bool:
        """Whether an unproven identity is refused on this platform."""
        return self.messenger_security.get(platform, MessengerSecurity.OFF) is MessengerSecurity.REQUIRED
