"""What do the servers get to read? Pings of Acme's customers, signed by Acme's backend; all servers get the same bytes.

- Each update of a person has a serial number. All six signed values follow from it, and all six differ from the ones
  before; its token is one second younger. So what must be in a database in the end is known from the number alone.
- People are dealt out to lanes, one for each connection, and a lane sends one request at a time: no update of a person
  can overtake another.
- Tokens are made by `avow.sign`, before the clock starts.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field

import avow

LANES = 64
PATH = "/messenger/web/ping"
PLANS = ("free", "starter", "growth", "scale")
LIFETIME = 7 * 24 * 3600
# Neighbours in a lane are not neighbours in the database. Prime, and no divisor of a lane's length.
STRIDE = 7919

Value = str | int | float | bool

_HEAD = (
    f"POST {PATH} HTTP/1.1\r\n"
    "Host: 127.0.0.1\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: */*\r\n"
    "Content-Type: application/json\r\n"
    "Origin: https://app.acme.example\r\n"
    "Content-Length: {length}\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Company:
    """Acme: its workspace, its signing key, and the Unix second from which its tokens count."""

    app_id: str
    kid: str
    secret: str = field(repr=False)
    epoch: int

    def token(self, person: int, serial: int) -> str:
        """What the backend vouches for in the person's update of this number."""
        return avow.sign(
            external_id(person),
            values(serial),
            key=self.secret,
            kid=self.kid,
            expires_in=LIFETIME,
            now=self.epoch + serial,
        )

    def request(self, person: int, serial: int) -> bytes:
        """The whole request that carries it, as a browser of the person would send it."""
        body = json.dumps(
            {
                "app_id": self.app_id,
                "user_data": {"user_id": external_id(person), "intercom_user_jwt": self.token(person, serial)},
                "anonymous_session": None,
                "referer": "https://app.acme.example/reports",
            },
            separators=(",", ":"),
        ).encode()
        return _HEAD.format(length=len(body)).encode() + body


def external_id(person: int) -> str:
    """The id under which Acme knows a person."""
    return f"acme-customer-{person:08d}"


def values(serial: int) -> dict[str, Value]:
    """What an update of this number says; nothing of it was said by the number before."""
    return {
        "plan": PLANS[serial % len(PLANS)],
        "seats": serial,
        "monthly_spend": serial + 0.25,
        "last_order_at": 1_700_000_000 + 60 * serial,
        "company_name": f"Acme Works No. {serial:06d}",
        "on_trial": serial % 2 == 0,
    }


@dataclass(slots=True)
class Lane:
    """One connection's share of `population` people: every 64th, each in turn, beginning with update `first`."""

    company: Company
    number: int
    population: int
    first: int
    sent: int = 0
    ready: deque[bytes] = field(default_factory=deque)

    @property
    def people(self) -> int:
        """How many people this lane speaks for."""
        return len(range(self.number, self.population, LANES))

    def sign(self, count: int) -> None:
        """Have at least this many requests ready."""
        for turn in range(self.sent + len(self.ready), self.sent + count):
            self.ready.append(self.company.request(*self.turn(turn)))

    def turn(self, turn: int) -> tuple[int, int]:
        """Whom the n-th request of this lane is about, and the number of the update."""
        people = self.people
        return self.number + LANES * (turn * STRIDE % people), self.first + turn // people

    def latest(self) -> list[bytes]:
        """The request that was sent last about each person, once more: it changes nothing."""
        turns = range(max(0, self.sent - self.people), self.sent)
        return [self.company.request(*self.turn(turn)) for turn in turns]


def lanes(company: Company, population: int, first: int) -> list[Lane]:
    """Everybody, dealt out."""
    return [Lane(company, number, population, first) for number in range(LANES)]


def expected(population: int, first: int, sent: list[int]) -> dict[int, int]:
    """The number of each person's latest update, where the lanes have sent so many; of those who had one."""
    found: dict[int, int] = {}
    for number, count in enumerate(sent):
        lane = Lane(Company("", "", "", 0), number, population, first)
        found.update(lane.turn(turn) for turn in range(max(0, count - lane.people), count))
    return found
