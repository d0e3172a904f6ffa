"""How does a company's backend ask? Intercom's REST API, and what Avow tells beside it."""

from avow.api.resources import routes

__all__ = ["routes"]
