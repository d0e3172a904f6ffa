"""Which addresses does REST have? One line for each, with the scope that each method takes."""

from __future__ import annotations

from typing import Final

from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import Route

from avow.api import changes, contacts, data_attributes, held, me, provenance, readiness
from avow.api.exchange import Act, Resource
from avow.api.health import Healthz, Readyz
from avow.flow.engine import Engine
from avow.trust.access import Scope
from avow.web.limits import Limiter


class _Anything(Convertor[str]):
    """The rest of an address, whatever it holds: slashes and line ends too, for a user id may have them."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("anything", _Anything())

_READ, _WRITE = Scope.READ_CONTACTS, Scope.WRITE_CONTACTS
_LIST, _DECIDE = Scope.READ_ATTRIBUTES, Scope.WRITE_ATTRIBUTES

RESOURCES: Final[dict[str, dict[str, Act]]] = {
    "/me": {"GET": Act(me.get)},
    "/contacts": {"GET": Act(contacts.page, _READ), "POST": Act(contacts.create, _WRITE)},
    "/contacts/find_by_external_id/{external_id:anything}": {"GET": Act(contacts.find_by_external_id, _READ)},
    "/contacts/{id}": {
        "GET": Act(contacts.get, _READ),
        "PUT": Act(contacts.update, _WRITE),
        "DELETE": Act(contacts.erase, _WRITE),
    },
    "/contacts/{id}/provenance": {"GET": Act(provenance.get, _READ)},
    "/contacts/{id}/changes": {"GET": Act(changes.page, _READ)},
    "/contacts/{id}/held": {"GET": Act(held.listed, _READ)},
    "/contacts/{id}/held/{name}/accept": {"POST": Act(held.accept, _WRITE)},
    "/contacts/{id}/held/{name}/discard": {"POST": Act(held.discard, _WRITE)},
    "/data_attributes": {"GET": Act(data_attributes.listed, _LIST), "POST": Act(data_attributes.create, _DECIDE)},
    "/data_attributes/{id}": {"PUT": Act(data_attributes.update, _DECIDE)},
    "/data_attributes/{id}/readiness": {"GET": Act(readiness.get, _LIST)},
}
"""Address → method → what it does."""


def routes(engine: Engine, limiter: Limiter) -> list[Route]:
    """Every address for one process. `limiter` counts requests per workspace."""
    rest = [Route(path, Resource(engine, limiter, acts), methods=list(acts)) for path, acts in RESOURCES.items()]
    return [Route("/healthz", Healthz(), methods=["GET"]), Route("/readyz", Readyz(engine), methods=["GET"]), *rest]
