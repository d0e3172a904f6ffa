"""How does a company's backend read, write, merge, set aside and forget contacts and visitors by REST?"""

from avow.api.contacts import changes, held, lifecycle, lists, merging, provenance, search, visitors, writing

__all__ = ["changes", "held", "lifecycle", "lists", "merging", "provenance", "search", "visitors", "writing"]
