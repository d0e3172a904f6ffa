"""A walk's steps, as plain data: drawn from a seed, printed when something breaks, and fewer of them tried again."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

USERS = ("u0", "u1", "u2")
SESSIONS = (None, "s0", "s1", "s2", "s3")
ADDRESSES = ("e0@x", "E0@x", "e1@x")
NAMES = ("plan", "plan", "plan", "seats", "seats", "name", "created_at", "signed_up_at", "n0", "n0", "n1")
ODD_NAMES = ("N0", "Plan", "pl.an", "n.1", "user_hash", "company", "")
RAW: tuple[object, ...] = ("a", "b", "c", "7", 5, 7, True, 1.5, None, "", [], "x" * 300)
NUMBERS: tuple[object, ...] = (5, 6, "7", 8.0, None)
NUMERIC = {"seats", "created_at", "signed_up_at"}
AGES = (0, 0, 0, -1, -30, -3_600, -40 * 86_400, 30, None)
PAUSES = (0, 0, 1, 1, 30, 600, 3_600, 86_400, 31 * 86_400)


@dataclass(frozen=True)
class Step:
    """Something that happens. `how` is what the walk hands to the method of that name."""

    what: str
    how: dict[str, Any]

    def __repr__(self) -> str:
        return f"{self.what}({', '.join(f'{name}={value!r}' for name, value in self.how.items())})"


def drawn(seed: int, number: int) -> list[Step]:
    """So many steps, the same for the same seed."""
    chance = random.Random(seed)
    kinds: list[tuple[Callable[[random.Random], Step], int]] = [
        (_ping, 46), (_again, 8), (_broken, 3), (_both, 6), (_late, 4), (_rest, 12), (_create, 3), (_said, 10),
        (_held, 6), (_erase, 2), (_rule, 6), (_declare, 1), (_policy, 2), (_revoke, 1), (_tick, 14),
    ]  # fmt: skip
    makers, weights = [kind for kind, _ in kinds], [weight for _, weight in kinds]
    return [make(chance) for make in chance.choices(makers, weights, k=number)]


def _values(chance: random.Random, most: int, *, email: bool = True) -> dict[str, object]:
    values: dict[str, object] = {}
    for _ in range(chance.randint(0, most)):
        name = chance.choice(ODD_NAMES) if chance.random() < 0.08 else chance.choice(NAMES)
        values[name] = chance.choice(NUMBERS if name in NUMERIC and chance.random() < 0.6 else RAW)
    if email and chance.random() < 0.2:
        values["email"] = chance.choice((*ADDRESSES, None))
    return values


def _ping(chance: random.Random) -> Step:
    proof = chance.choices(("token", "hash", "claim", "email", "session"), (45, 8, 17, 8, 22))[0]
    how: dict[str, Any] = {"proof": proof, "raw": _values(chance, 3)}
    if proof == "session" or chance.random() < 0.3:
        how["session"] = chance.choice(SESSIONS)
    if proof in ("token", "hash", "claim"):
        how["who"] = chance.choice(USERS)
    if proof == "email":
        how["who"] = chance.choice(ADDRESSES)
    if proof == "token":
        how |= {"kid": chance.choice(("acme-hs", "acme-hs", "acme-imported")), "age": chance.choice(AGES)}
        how["signed"] = _values(chance, 3)
    if chance.random() < 0.1:
        how["observed"] = {"plan": chance.choice(("a", "b"))}
    return Step("ping", how)


def _again(chance: random.Random) -> Step:
    return Step("again", {})


def _broken(chance: random.Random) -> Step:
    return Step("broken", {"ping": _ping(chance).how})


def _both(chance: random.Random) -> Step:
    """Two requests that arrive together."""
    return Step("both", {"one": _ping(chance).how, "other": _ping(chance).how})


def _late(chance: random.Random) -> Step:
    """A request on its way while somebody changes the rules."""
    return Step("late", {"ping": _ping(chance).how, "meanwhile": _rule(chance).how})


def _whom(chance: random.Random) -> dict[str, Any]:
    return {"session": chance.choice(SESSIONS[1:])} if chance.random() < 0.4 else {"user": chance.choice(USERS)}


def _rest(chance: random.Random) -> Step:
    return Step("update", {"whom": _whom(chance), "values": _values(chance, 3, email=False), "relays": _relays(chance)})


def _create(chance: random.Random) -> Step:
    values = _values(chance, 2, email=False)
    return Step("create", {"user": chance.choice(USERS), "values": values, "relays": _relays(chance)})


def _relays(chance: random.Random) -> bool:
    return chance.random() < 0.3


def _said(chance: random.Random) -> Step:
    channel, verified = chance.choice(
        [("teammate", True), ("bot", False), ("bot", False), ("workflow", True), ("workflow", False), ("import", False)]
    )
    values = _values(chance, 2)
    return Step(
        "said",
        {
            "whom": _whom(chance),
            "channel": channel,
            "verified": verified,
            "asked": chance.random() < 0.7,
            "values": values,
        },
    )


def _held(chance: random.Random) -> Step:
    name = chance.choice(("plan", "plan", "seats", "n0", "email"))
    what = chance.choice(("accept", "accept", "discard"))
    return Step(what, {"whom": _whom(chance), "name": name, "outdated": chance.random() < 0.15})


def _erase(chance: random.Random) -> Step:
    return Step("erase", {"whom": _whom(chance)})


def _rule(chance: random.Random) -> Step:
    name = chance.choice(("plan", "plan", "plan", "seats", "name", "email", "n0", "signed_up_at"))
    if name in ("plan", "seats", "n0") and chance.random() < 0.2:
        return Step("rule", {"name": name, "archived": chance.random() < 0.4})
    return Step("rule", {"name": name, "enforcement": chance.choice(("open", "monitor", "locked", "locked"))})


def _declare(chance: random.Random) -> Step:
    kind, enforcement = chance.choice(("string", "integer")), chance.choice(("open", "locked"))
    return Step("declare", {"name": chance.choice(("n0", "n1", "N0")), "kind": kind, "enforcement": enforcement})


def _policy(chance: random.Random) -> Step:
    return Step(
        "policy",
        {
            "may_create": chance.choice(("anyone", "signed", "nobody")),
            "undated": chance.choice(("accept", "accept", "fill_only", "refuse")),
            "required": chance.random() < 0.2,
        },
    )


def _revoke(chance: random.Random) -> Step:
    """A rare thing, or nobody could say anything any more."""
    if chance.random() < 0.7:
        return _tick(chance)
    return Step("revoke", {"kid": chance.choice(("acme-hs", "acme-imported", "acme-hash"))})


def _tick(chance: random.Random) -> Step:
    return Step("tick", {"seconds": chance.choice(PAUSES)})


def fewer(steps: Sequence[Step], breaks: Callable[[Sequence[Step]], bool]) -> list[Step]:
    """The steps without those that it breaks without: ever smaller pieces are left out while it still does."""
    kept, size = list(steps), max(1, len(steps) // 2)
    while size:
        at = 0
        while at < len(kept):
            shorter = kept[:at] + kept[at + size :]
            if breaks(shorter):
                kept = shorter
            else:
                at += size
        size //= 2
    return kept
