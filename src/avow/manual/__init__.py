"""What does the server say of itself? One document of its API, and the pages of its documentation, offline."""

from avow.manual.routes import routes

__all__ = ["routes"]
