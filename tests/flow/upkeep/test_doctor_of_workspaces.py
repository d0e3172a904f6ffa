"""What is set up wrong in a workspace is found: keys, refusals, an unnamed proxy, what its policy lets through."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from avow.flow.contract import Alert, KeyUse, RawRules, RefusalCount, SealedKey, Workspace
from avow.flow.rules import sealing
from avow.flow.upkeep.doctor import Finding, Level, of_workspace
from avow.trust.contact import WorkspaceId
from avow.trust.keys import Algorithm, KeyState, Purpose, SigningKey, secret_from_random
from avow.trust.policy import MessengerSecurity, Platform, Policy, UndatedTokens, WorkspaceKind

ACME = WorkspaceId("acme0000")
NOW = 1_800_000_000.0
DAY = 86_400
MASTER = bytes(range(32))
STRICT = Policy(
    messenger_security=dict.fromkeys(Platform, MessengerSecurity.REQUIRED), undated_tokens=UndatedTokens.REFUSE
)


RETIRING = {"state": KeyState.RETIRING, "retires_at": int(NOW) + DAY}


def key(**changed: Any) -> SealedKey:
    """A key that has been used since it was made, a week ago."""
    master = changed.pop("master", MASTER)
    facts: dict[str, Any] = {
        "kid": "key-1",
        "name": "First key",
        "algorithm": Algorithm.HS256,
        "purpose": Purpose.TOKEN,
        "platforms": frozenset(Platform),
        "state": KeyState.LIVE,
        "created_at": NOW - 7 * DAY,
        "material": secret_from_random(bytes(32)).encode(),
    }
    return sealing.sealed(SigningKey(**{**facts, **changed}), ACME, master, bytes(12))


def rules(*sealed: SealedKey, policy: Policy = STRICT, kind: WorkspaceKind = WorkspaceKind.PRODUCTION) -> RawRules:
    return RawRules(1, Workspace(ACME, "Acme", kind, "UTC", policy, NOW), (), sealed, ())


def examined(raw: RawRules, **seen: Any) -> list[Finding]:
    facts: dict[str, Any] = {
        "uses": [KeyUse(ACME, "key-1", 1, 5, NOW - 60)],
        "refusals": [],
        "alerts": [],
        "names_proxies": False,
    }
    return list(of_workspace(raw, seen.pop("master_key", MASTER), now=NOW, **{**facts, **seen}))


def bad(findings: list[Finding]) -> list[tuple[str, Level]]:
    return [(one.check, one.level) for one in findings if one.level is not Level.OK]


def test_a_workspace_that_is_set_up_right_has_nothing_wrong() -> None:
    findings = examined(rules(key()))
    assert bad(findings) == []
    assert [one.check for one in findings] == ["keys", "messenger_security", "undated_tokens"]


@pytest.mark.parametrize(
    ("sealed", "check", "level", "words"),
    [
        ([], "keys", Level.WRONG, "avow key make"),
        ([key(state=KeyState.REVOKED)], "keys", Level.WRONG, "nothing can be signed"),
        ([key(state=KeyState.RETIRING, retires_at=int(NOW))], "keys", Level.WRONG, "nothing can be signed"),
        ([key(state=KeyState.RETIRING, retires_at=int(NOW) + DAY)], "keys", Level.ADVICE, "24 hours and still signs"),
        ([key(kid="key-2", created_at=NOW - 2 * DAY)], "keys", Level.ADVICE, "has not verified anything"),
        ([key(name="Staging")], "test_keys", Level.ADVICE, "a key of its own for production"),
        ([key(kid="demo-key")], "test_keys", Level.ADVICE, "trying things out"),
    ],
)
def test_what_is_wrong_with_keys_is_found(sealed: list[SealedKey], check: str, level: Level, words: str) -> None:
    findings = examined(rules(*sealed))
    assert bad(findings) == [(check, level)]
    assert any(words in f"{one.found} {one.advice}" for one in findings)


def test_a_key_under_another_master_key_is_named_beside_those_that_work() -> None:
    findings = examined(rules(key(), key(kid="key-2", master=bytes(range(100, 132)))))
    assert bad(findings) == [("keys", Level.WRONG)]
    assert "'key-2' is sealed under another master key" in str(findings)
    assert "Bring back the master key" in str(examined(rules(key(master=bytes(range(100, 132))))))


@pytest.mark.parametrize(
    ("changed", "used_at", "words"),
    [
        ({}, NOW - 60, None),
        ({}, None, "key-2 has not proven anybody by a user_hash in the last 30 days. Retire it:"),
        (RETIRING, NOW - 60, "retires in 24 hours and still proves people. See that every page sends a token"),
        (RETIRING, NOW - 5 * DAY, "and was used last 5.0 days ago. See that every page sends a token"),
        (RETIRING, None, "and has not been used in the last 30 days. See that every page sends a token"),
    ],
)
def test_what_is_said_of_a_user_hash_key_is_what_its_pages_do(
    changed: dict[str, Any], used_at: float | None, words: str | None
) -> None:
    legacy = key(kid="key-2", purpose=Purpose.USER_HASH, **changed)
    uses = [KeyUse(ACME, kid, 1, 5, at) for kid, at in (("key-1", NOW), ("key-2", used_at)) if at is not None]
    findings = examined(rules(key(), legacy), uses=uses)
    said = [f"{one.found} {one.advice}" for one in findings if one.level is not Level.OK]
    assert [words in one for one in said if words is not None] == ([] if words is None else [True])
    assert len(said) == (words is not None)


def test_a_new_key_may_be_unused_and_a_word_that_only_begins_like_test_is_none() -> None:
    assert bad(examined(rules(key(kid="key-2", name="Latest contestants", created_at=NOW - 60)))) == []


def test_a_test_workspace_may_have_no_key_and_any_name() -> None:
    for sealed in ([], [key(name="Test")]):
        assert bad(examined(rules(*sealed, kind=WorkspaceKind.TEST, policy=Policy()))) == []


def test_a_foreign_master_key_is_found_and_none_at_all_is_somebody_elses_finding() -> None:
    findings = examined(rules(key()), master_key=bytes(32))
    assert bad(findings) == [("master_key", Level.WRONG)]
    assert bad(examined(rules(key()), master_key=None)) == []


def test_refusals_that_mean_a_mistake_are_told_with_what_it_is() -> None:
    def refused(reason: str, count: int) -> RefusalCount:
        return RefusalCount(ACME, reason, 1, count, NOW, "web")

    findings = examined(rules(key()), refusals=[refused("signature_invalid", 15), refused("signature_invalid", 6)])
    assert bad(findings) == [("refusals", Level.ADVICE)]
    assert any("21 requests" in one.found and "another secret" in one.found for one in findings)
    assert bad(examined(rules(key()), refusals=[refused("signature_invalid", 19)])) == []
    assert bad(examined(rules(key()), refusals=[refused("token_malformed", 900)])) == []


def test_a_proxy_that_no_setting_names_is_found() -> None:
    seen = [Alert(ACME, "proxy_unnamed", "", 1, NOW)]
    assert bad(examined(rules(key()), alerts=seen)) == [("proxy", Level.WRONG)]
    assert bad(examined(rules(key()), alerts=seen, names_proxies=True)) == []


@pytest.mark.parametrize(
    ("policy", "check"),
    [
        (msgspec.structs.replace(STRICT, messenger_security={Platform.WEB: MessengerSecurity.REQUIRED}),
         "messenger_security"),
        (msgspec.structs.replace(STRICT, undated_tokens=UndatedTokens.ACCEPT), "undated_tokens"),
    ],
)  # fmt: skip
def test_what_a_production_policy_lets_through_is_worth_a_thought(policy: Policy, check: str) -> None:
    assert bad(examined(rules(key(), policy=policy))) == [(check, Level.ADVICE)]
    assert bad(examined(rules(key(), policy=policy, kind=WorkspaceKind.TEST))) == []
