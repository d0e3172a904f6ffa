"""Which addresses does REST have? One line for each, with the scope that each method takes."""

from __future__ import annotations

from typing import Final

from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import Route

from avow.api import data_attributes, me, readiness
from avow.api.beside import companies, events, notes, segments, subscriptions, tags
from avow.api.bulk import exports, imports
from avow.api.contacts import changes, held, lifecycle, lists, merging, provenance, search, visitors, writing
from avow.api.exchange import Act, Resource
from avow.api.health import Healthz, Readyz
from avow.api.keys import checking, distrust, family, secure_mode_secrets
from avow.api.team import activity_logs, admins
from avow.api.welcome import Welcome
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
_SEE, _KEEP = Scope.READ_KEYS, Scope.WRITE_KEYS

RESOURCES: Final[dict[str, dict[str, Act]]] = {
    "/me": {"GET": Act(me.get)},
    "/contacts": {"GET": Act(lists.page, _READ), "POST": Act(writing.create, _WRITE)},
    "/contacts/find_by_external_id/{external_id:anything}": {"GET": Act(lists.find_by_external_id, _READ)},
    "/contacts/merge": {"POST": Act(merging.merge, _WRITE)},
    "/contacts/search": {"POST": Act(search.find, _READ)},
    "/contacts/{id}": {
        "GET": Act(lists.get, _READ),
        "PUT": Act(writing.update, _WRITE),
        "DELETE": Act(writing.erase, _WRITE),
    },
    "/contacts/{id}/archive": {"POST": Act(lifecycle.archive, _WRITE)},
    "/contacts/{id}/unarchive": {"POST": Act(lifecycle.unarchive, _WRITE)},
    "/contacts/{id}/block": {"POST": Act(lifecycle.block, _WRITE)},
    "/contacts/{id}/unblock": {"POST": Act(lifecycle.unblock, _WRITE)},
    "/contacts/{id}/forget": {"POST": Act(writing.forget, _WRITE)},
    "/contacts/{id}/merge_history": {"GET": Act(merging.history, _READ)},
    "/contacts/{id}/provenance": {"GET": Act(provenance.get, _READ)},
    "/contacts/{id}/changes": {"GET": Act(changes.page, _READ)},
    "/contacts/{id}/held": {"GET": Act(held.listed, _READ)},
    "/contacts/{id}/held/{name}/accept": {"POST": Act(held.accept, _WRITE)},
    "/contacts/{id}/held/{name}/discard": {"POST": Act(held.discard, _WRITE)},
    "/contacts/{id}/tags": {"GET": Act(tags.of_contact, _READ), "POST": Act(tags.attach, _WRITE)},
    "/contacts/{id}/tags/{tag_id}": {"DELETE": Act(tags.detach, _WRITE)},
    "/contacts/{id}/notes": {"GET": Act(notes.page, _READ), "POST": Act(notes.create, _WRITE)},
    "/contacts/{id}/segments": {"GET": Act(segments.of_contact, _READ)},
    "/contacts/{id}/subscriptions": {"GET": Act(subscriptions.of_contact, _READ)},
    "/contacts/{id}/companies": {"GET": Act(companies.of_contact, _READ), "POST": Act(companies.refused, _WRITE)},
    "/contacts/{id}/companies/{company_id}": {"DELETE": Act(companies.refused, _WRITE)},
    "/tags": {"GET": Act(tags.listed, _READ), "POST": Act(tags.create, _WRITE)},
    "/tags/{id}": {"GET": Act(tags.get, _READ), "DELETE": Act(tags.delete, _WRITE)},
    "/notes/{id}": {"GET": Act(notes.get, _READ)},
    "/segments": {"GET": Act(segments.listed, _READ)},
    "/segments/{id}": {"GET": Act(segments.get, _READ)},
    "/events": {"GET": Act(events.listed, _READ), "POST": Act(events.track, _WRITE, 202)},
    "/events/summaries": {"POST": Act(events.summarise, _WRITE)},
    "/companies": {"GET": Act(companies.listed, _READ), "POST": Act(companies.refused, _WRITE)},
    "/companies/list": {"POST": Act(companies.listed, _READ)},
    "/companies/scroll": {"GET": Act(companies.scrolled, _READ)},
    "/companies/{id}": {
        "GET": Act(companies.get, _READ),
        "PUT": Act(companies.refused, _WRITE),
        "DELETE": Act(companies.refused, _WRITE),
    },
    "/companies/{id}/contacts": {"GET": Act(companies.get, _READ)},
    "/companies/{id}/notes": {"GET": Act(companies.get, _READ), "POST": Act(companies.refused, _WRITE)},
    "/companies/{id}/segments": {"GET": Act(companies.get, _READ)},
    "/admins": {"GET": Act(admins.listed, _READ)},
    "/admins/activity_logs": {"GET": Act(activity_logs.page, _LIST)},
    "/admins/activity_logs/search": {"POST": Act(activity_logs.search, _LIST)},
    "/admins/activity_log_event_types": {"GET": Act(activity_logs.event_types, _LIST)},
    "/admins/{id}": {"GET": Act(admins.get, _READ)},
    "/contacts/{id}/export": {"GET": Act(exports.one, _READ)},
    "/imports": {"GET": Act(imports.listed, _READ), "POST": Act(imports.create, _WRITE)},
    "/imports/{id}": {"GET": Act(imports.get, _READ)},
    "/imports/{id}/content": {"PUT": Act(imports.receive, _WRITE)},
    "/imports/{id}/start": {"POST": Act(imports.start, _WRITE)},
    "/imports/{id}/cancel": {"POST": Act(imports.cancel, _WRITE)},
    "/imports/{id}/rejected": {"GET": Act(imports.rejected, _READ)},
    "/exports": {"GET": Act(exports.listed, _READ), "POST": Act(exports.create, _READ)},
    "/exports/{id}": {"GET": Act(exports.get, _READ)},
    "/exports/{id}/download": {"GET": Act(exports.download, _READ)},
    "/visitors": {"GET": Act(visitors.get, _READ), "PUT": Act(visitors.update, _WRITE)},
    "/visitors/convert": {"POST": Act(visitors.convert, _WRITE)},
    "/data_attributes": {"GET": Act(data_attributes.listed, _LIST), "POST": Act(data_attributes.create, _DECIDE)},
    "/data_attributes/{id}": {"PUT": Act(data_attributes.update, _DECIDE)},
    "/data_attributes/{id}/readiness": {"GET": Act(readiness.get, _LIST)},
    "/keys": {"GET": Act(family.listed, _SEE), "POST": Act(family.create, _KEEP, 201)},
    "/keys/{kid:anything}/retire": {"POST": Act(family.retire, _KEEP)},
    "/keys/{kid:anything}/revoke": {"POST": Act(family.revoke, _KEEP)},
    "/keys/{kid:anything}/distrust": {"POST": Act(distrust.create, _KEEP)},
    "/secure_mode_secrets": {
        "GET": Act(secure_mode_secrets.listed, _SEE),
        "POST": Act(secure_mode_secrets.create, _KEEP, 201),
    },
    "/secure_mode_secrets/{id:anything}": {"DELETE": Act(secure_mode_secrets.delete, _KEEP, 204)},
    "/tokens/check": {"POST": Act(checking.create, Scope.CHECK_TOKENS)},
}
"""Address → method → what it does."""


def routes(engine: Engine, limiter: Limiter) -> list[Route]:
    """Every address for one process. `limiter` counts requests per workspace."""
    rest = [Route(path, Resource(engine, limiter, acts), methods=list(acts)) for path, acts in RESOURCES.items()]
    first = Route("/", Welcome(), methods=["GET"])
    return [
        first,
        Route("/healthz", Healthz(), methods=["GET"]),
        Route("/readyz", Readyz(engine), methods=["GET"]),
        *rest,
    ]
