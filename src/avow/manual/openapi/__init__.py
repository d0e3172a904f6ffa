"""How is the whole API said so that a program can read it? `/openapi.json`, made of the code's own types."""

from avow.manual.openapi.document import Document, document

__all__ = ["Document", "document"]
