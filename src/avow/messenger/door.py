"""Which requests are the Messenger's? A thin ASGI adapter in front of the router, for the path that must be fast.

It turns ASGI into `Request`, and an `Answer` into ASGI; it decides nothing. Source: house.md ("parts chosen": web).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import lru_cache, partial
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from avow.messenger.admission import Request
from avow.messenger.ping import Messenger
from avow.trust.policy import Platform
from avow.web.addresses import Networks, is_neighbour, is_within, limit_key, peer_address
from avow.web.cors import ORIGIN
from avow.web.request import header, media_type, read_body
from avow.web.responses import Answer, send_answer

LOOK_EVERY: Final = 64
_Act = Callable[[Request], Awaitable[Answer]]


class MessengerDoor:
    """`/messenger/{web,ios,android}/{ping,events}`; everything else is for `beyond`."""

    def __init__(
        self, messenger: Messenger, beyond: ASGIApp, *, trusted_proxies: Networks, exempt_addresses: Networks
    ) -> None:
        self._beyond = beyond
        self._trusted_proxies = trusted_proxies
        self._counted_as = lru_cache(maxsize=8192)(partial(_counted_as, exempt_addresses))
        self._seen = 0
        acts: Final = {"ping": messenger.ping, "events": messenger.events}
        self._paths: dict[str, tuple[Platform, _Act]] = {
            f"/messenger/{platform}/{name}": (platform, act) for platform in Platform for name, act in acts.items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._paths.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if found is None:
            await self._beyond(scope, receive, send)
            return
        platform, act = found
        scope["avow.route"] = scope["path"]  # one of a fixed set: it names nobody
        address = peer_address(scope, self._trusted_proxies)
        unnamed = not self._trusted_proxies and self._is_from_a_proxy(scope, address)
        raw_origin = header(scope, b"origin")
        answer = await act(
            Request(
                platform,
                media_type(scope),
                await read_body(scope, receive),
                self._counted_as(address),
                raw_origin.decode("latin-1") if raw_origin is not None and ORIGIN.fullmatch(raw_origin) else None,
                unnamed,
            )
        )
        await send_answer(send, answer)

    def _is_from_a_proxy(self, scope: Scope, address: str) -> bool:
        """Whether a neighbour passes a request on. Looked at now and then only: it is the same for all of them."""
        self._seen += 1
        if self._seen % LOOK_EVERY != 1:
            return False
        return is_neighbour(address) and any(name == b"x-forwarded-for" for name, _ in scope["headers"])


def _counted_as(exempt: Networks, address: str) -> str | None:
    """Under which name its requests are counted, None for an address that may send as many as it likes."""
    return None if is_within(address, exempt) else limit_key(address)
