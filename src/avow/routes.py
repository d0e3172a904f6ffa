"""Every address, one line each. The Messenger's two stand in front of the router (`messenger/door.py`)."""

from __future__ import annotations

from starlette.routing import Route

from avow import api
from avow.flow.engine import Engine
from avow.web.limits import Limiter


def rest_routes(engine: Engine, limiter: Limiter) -> list[Route]:
    """The REST addresses, for one process. `limiter` counts requests per workspace."""
    return api.routes(engine, limiter)
