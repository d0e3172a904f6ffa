"""Who may log in at the shop, and what does its own database say of her? The truth that the backend signs.

Kept in memory: the shop begins anew whenever the demo is started.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Final

from avow.demo.story import ALICE

MALLORY: Final = "acme-mallory"
PLANS: Final = {"free": 1, "pro": 5, "enterprise": 50}
"""Each plan with its seats."""


@dataclass(slots=True)
class Customer:
    """One customer, as the shop's own database has her."""

    user_id: str
    name: str
    email: str
    plan: str

    @property
    def facts(self) -> dict[str, str | int]:
        """What the backend vouches for."""
        return {"name": self.name, "email": self.email, "plan": self.plan, "seats": PLANS[self.plan]}


@dataclass(slots=True)
class Customers:
    """The shop's two customers and who is logged in where. A session is 32 random bytes in a cookie."""

    _known: dict[str, Customer] = field(
        default_factory=lambda: {
            "alice": Customer(ALICE, "Alice Fischer", "alice.fischer@juniperhealth.example", "pro"),
            "mallory": Customer(MALLORY, "Mallory Mole", "mallory@elsewhere.example", "free"),
        }
    )
    _sessions: dict[str, str] = field(default_factory=dict)

    def __contains__(self, name: object) -> bool:
        return name in self._known

    def log_in(self, name: str) -> str:
        """A fresh session for a customer."""
        session = secrets.token_urlsafe(32)
        if len(self._sessions) >= 1000:
            self._sessions.pop(next(iter(self._sessions)))
        self._sessions[session] = name
        return session

    def log_out(self, session: str | None) -> None:
        """End a session."""
        self._sessions.pop(session or "", None)

    def of(self, session: str | None) -> Customer | None:
        """Who this is, or None for a visitor."""
        name = self._sessions.get(session or "")
        return self._known[name] if name is not None else None

    def other(self, customer: Customer | None) -> Customer:
        """Somebody else."""
        return next(one for one in self._known.values() if one is not customer)
