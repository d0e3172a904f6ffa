"""Every address, one line each. The Messenger's two stand in front of the router (`messenger/door.py`)."""

from __future__ import annotations

from starlette.routing import Route

from avow import api, manual
from avow.flow.engine import Engine
from avow.messenger.widget import Widget
from avow.web.limits import Limiter


def rest_routes(engine: Engine, limiter: Limiter) -> list[Route]:
    """The addresses behind the router, for one process. `limiter` counts REST requests per workspace."""
    return [Route("/widget/{workspace_id}", Widget(), methods=["GET"]), *manual.routes(), *api.routes(engine, limiter)]
