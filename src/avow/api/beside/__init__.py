"""How does a company's backend read and write what stands beside a contact's values: tags, notes, segments, events?"""

from avow.api.beside import companies, events, notes, segments, subscriptions, tags

__all__ = ["companies", "events", "notes", "segments", "subscriptions", "tags"]
