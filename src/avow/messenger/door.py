"""Which requests are the Messenger's? A thin adapter beside the router, for the path that must be fast.

It turns ASGI into `Request` and decides nothing; its `Answer` leaves as a whole (`web/whole.py`). Source: house.md
("parts chosen": web).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import lru_cache, partial
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope

from avow.messenger.admission import Request
from avow.messenger.ping import Messenger
from avow.trust.policy import Platform
from avow.web.addresses import Networks, is_neighbour, is_within, limit_key, peer_address
from avow.web.cors import ORIGIN, preflight
from avow.web.request import header, media_type, read_body
from avow.web.responses import Answer
from avow.web.whole import Direct

LOOK_EVERY: Final = 64
_Act = Callable[[Request], Awaitable[Answer]]


class MessengerDoor:
    """`/messenger/{web,ios,android}/{ping,events}`, asked by POST."""

    def __init__(self, messenger: Messenger, *, trusted_proxies: Networks, exempt_addresses: Networks) -> None:
        self._trusted_proxies = trusted_proxies
        self._counted_as = lru_cache(maxsize=8192)(partial(_counted_as, exempt_addresses))
        self._seen = 0
        acts: Final = {"ping": messenger.ping, "events": messenger.events}
        self._paths: dict[str, Direct] = {
            f"/messenger/{platform}/{name}": partial(self._answer, platform, act)
            for platform in Platform
            for name, act in acts.items()
        }

    def find(self, scope: Scope) -> Direct | None:
        """Who answers this request, if it is the Messenger's. A page that asks before it asks is answered elsewhere."""
        found = self._paths.get(scope["path"])
        if found is None or scope["method"] == "POST":
            return found
        return None if preflight(scope) is not None else _refuse

    async def _answer(self, platform: Platform, act: _Act, scope: Scope, receive: Receive) -> Answer:
        scope["avow.route"] = scope["path"]  # one of a fixed set: it names nobody
        address = peer_address(scope, self._trusted_proxies)
        unnamed = not self._trusted_proxies and self._is_from_a_proxy(scope, address)
        raw_origin = header(scope, b"origin")
        return await act(
            Request(
                platform,
                media_type(scope),
                await read_body(scope, receive),
                self._counted_as(address),
                raw_origin.decode("latin-1") if raw_origin is not None and ORIGIN.fullmatch(raw_origin) else None,
                unnamed,
            )
        )

    def _is_from_a_proxy(self, scope: Scope, address: str) -> bool:
        """Whether a neighbour passes a request on. Looked at now and then only: it is the same for all of them."""
        self._seen += 1
        if self._seen % LOOK_EVERY != 1:
            return False
        return is_neighbour(address) and any(name == b"x-forwarded-for" for name, _ in scope["headers"])


async def _refuse(scope: Scope, _: Receive) -> Answer:
    """As the router does for its own addresses."""
    scope["avow.route"] = scope["path"]
    raise HTTPException(405, headers={"Allow": "POST"})


def _counted_as(exempt: Networks, address: str) -> str | None:
    """Under which name its requests are counted, None for an address that may send as many as it likes."""
    return None if is_within(address, exempt) else limit_key(address)
