"""Where is it written down? The storage contract of `flow`, kept on SQLite and on PostgreSQL."""

from avow.store.migrate import current, head, migrate
from avow.store.store import open_store

__all__ = ["current", "head", "migrate", "open_store"]
