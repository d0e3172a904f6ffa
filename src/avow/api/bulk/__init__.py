"""What does REST do with many people at once? Imports and exports, and one person's everything."""

from avow.api.bulk import exports, imports

__all__ = ["exports", "imports"]
