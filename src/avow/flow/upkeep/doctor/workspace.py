"""Is a workspace set up right? Its keys, what was refused of late, and what its policy lets through."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from avow.errors import AvowError
from avow.flow.bookkeeping.tally import PROXY_UNNAMED
from avow.flow.contract import Alert, KeyUse, RawRules, RefusalCount
from avow.flow.rules.sealing import unsealed
from avow.flow.upkeep.doctor.finding import Finding, advised, fine, wrong
from avow.trust.keys import KeyState, Purpose, SigningKey
from avow.trust.policy import Platform, UndatedTokens, WorkspaceKind
from avow.trust.reasons import Reason

SOON: Final = 7 * 86_400
A_WHILE: Final = 86_400
MANY_REFUSED: Final = 20
REFUSALS: Final = {
    Reason.SIGNATURE_INVALID: "their signature is no live key's: a backend signs with another secret",
    Reason.KEY_UNKNOWN: "they name a key that is not registered here",
    Reason.KEY_RETIRED: "they name a key that has been retired",
    Reason.KEY_REVOKED: "they name a key that has been revoked",
    Reason.KEY_WRONG_PLATFORM: "they name a key of another platform",
    Reason.TOKEN_EXPIRED: "they had expired: pages keep old tokens, or a backend's clock is behind",
    Reason.TOKEN_NOT_YET_VALID: "they are from the future: a backend's clock is ahead",
    Reason.TIME_MALFORMED: "their times are no seconds: a backend writes milliseconds",
    Reason.USER_HASH_INVALID: "their user_hash is wrong: another secret, or another field is hashed",
}
"""Refusals that mean a mistake of ours rather than an attack, and what the mistake is."""
_LOOKS_LIKE_TEST: Final = re.compile(r"(?:^|[^a-z])(?:test|testing|demo|staging|sandbox|dev|example)(?:[^a-z]|$)", re.I)


def of_workspace(
    rules: RawRules,
    master_key: bytes | None,
    *,
    now: float,
    uses: Sequence[KeyUse],
    refusals: Sequence[RefusalCount],
    alerts: Sequence[Alert],
    names_proxies: bool,
) -> Iterator[Finding]:
    """Everything about one workspace; without a master key, all but its signing keys."""
    workspace = rules.workspace
    if master_key is not None:
        yield from _keys(rules, master_key, now, _last_used(uses))
    yield from _refused(workspace.id, refusals)
    if not names_proxies and any(alert.kind == PROXY_UNNAMED for alert in alerts):
        yield wrong(
            "proxy",
            "Requests come through a proxy that trusted_proxies does not name: all visitors share its allowance.",
            "Name it with --trusted-proxies (AVOW_TRUSTED_PROXIES).",
            workspace.id,
        )
    if workspace.kind is WorkspaceKind.PRODUCTION:
        yield from _policy(rules)


def _last_used(uses: Sequence[KeyUse]) -> dict[str, float]:
    last: dict[str, float] = {}
    for use in uses:
        last[use.kid] = max(use.last_at, last.get(use.kid, 0.0))
    return last


def _keys(rules: RawRules, master_key: bytes, now: float, used: Mapping[str, float]) -> Iterator[Finding]:
    workspace, opened, foreign = rules.workspace, list[SigningKey](), dict[str, str]()
    for sealed in rules.keys:
        try:
            opened.append(unsealed(sealed, master_key))
        except AvowError as error:
            foreign[sealed.kid] = error.message
    if foreign and not opened:
        advice = "Bring back the master key that these data were created with."
        yield wrong("master_key", next(iter(foreign.values())), advice, workspace.id)
        return
    for kid in foreign:
        found = f"The signing key {kid!r} is sealed under another master key: its tokens are refused."
        yield wrong("keys", found, "Revoke it, and make another one: avow key make --kid KID", workspace.id)
    usable = [key for key in opened if key.verifies_at(now)]
    is_production = workspace.kind is WorkspaceKind.PRODUCTION
    if not any(key.purpose is Purpose.TOKEN for key in usable):
        if is_production:
            found, make = "There is no live key for tokens: nothing can be signed.", "avow key make --kid KID"
            yield wrong("keys", found, f"Make one with: {make}", workspace.id)
        else:
            yield fine("keys", "No live key; a test workspace may do without.", workspace.id)
        return
    faults = [fault for key in usable if (fault := _key(key, workspace.id, now, used, is_production))]
    yield from faults or [fine("keys", f"{len(usable)} live, opened by the master key.", workspace.id)]


def _key(
    key: SigningKey, workspace_id: str, now: float, used: Mapping[str, float], is_production: bool
) -> Finding | None:
    if key.state is KeyState.RETIRING and key.retires_at is not None and key.retires_at - now < SOON:
        return _retiring(key, (key.retires_at - now) / 3600, workspace_id, now, used.get(key.kid))
    if is_production and _LOOKS_LIKE_TEST.search(f"{key.kid} {key.name}"):
        found = f"{key.kid} ({key.name}) sounds like a key for trying things out, and counts in production."
        return advised("test_keys", found, "Make a key of its own for production, and retire this one.", workspace_id)
    if is_production and key.kid not in used and now - key.created_at > A_WHILE:
        if key.purpose is Purpose.USER_HASH:
            found, first = "has not proven anybody by a user_hash", "Retire it"
        else:
            found, first = "has not verified anything", "Sign with it, or retire it"
        advice = f"{first}: a secret that nobody uses can leak."
        return advised("keys", f"{key.kid} {found} in the last 30 days.", advice, workspace_id)
    return None


def _retiring(key: SigningKey, hours: float, workspace_id: str, now: float, last: float | None) -> Finding:
    """What is to be seen to before its end. `last` is when it was used last (Unix seconds), in these 30 days."""
    by_hash = key.purpose is Purpose.USER_HASH
    if last is None:
        use = "has not been used in the last 30 days"
    elif now - last < A_WHILE:
        use = "still proves people" if by_hash else "still signs"
    else:
        use = f"was used last {(now - last) / A_WHILE:.1f} days ago"
    advice = "See that every backend signs with its successor before then."
    if by_hash:
        advice = "See that every page sends a token before then: whoever sends only its user_hash is refused after."
    return advised("keys", f"{key.kid} retires in {hours:.0f} hours and {use}.", advice, workspace_id)


def _refused(workspace_id: str, refusals: Sequence[RefusalCount]) -> Iterator[Finding]:
    for reason, words in REFUSALS.items():
        count = sum(one.count for one in refusals if one.reason == reason)
        if count >= MANY_REFUSED:
            yield advised(
                "refusals",
                f"{count} requests of the last 24 hours were refused with {reason}: {words}.",
                "Try one of these tokens with: avow check",
                workspace_id,
            )


def _policy(rules: RawRules) -> Iterator[Finding]:
    workspace, policy = rules.workspace, rules.workspace.policy
    open_to_all = [platform for platform in Platform if not policy.requires_proof(platform)]
    if open_to_all:
        yield advised(
            "messenger_security",
            f"{', '.join(open_to_all)}: whoever names a user_id is taken for that user, unproven.",
            "Once every page sends tokens: avow workspace set --messenger-security web=required",
            workspace.id,
        )
    else:
        yield fine("messenger_security", "required on every platform.", workspace.id)
    if policy.undated_tokens is UndatedTokens.ACCEPT:
        yield advised(
            "undated_tokens",
            "Tokens without iat are accepted; they can be replayed for ever.",
            "Once every backend sets iat: avow workspace set --undated-tokens refuse",
            workspace.id,
        )
    else:
        yield fine("undated_tokens", f"{policy.undated_tokens}.", workspace.id)
