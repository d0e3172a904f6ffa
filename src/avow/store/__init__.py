"""Where is it written down? The storage contract of `flow`, kept on SQLite and on PostgreSQL."""

from avow.store.database import open_store
from avow.store.migrate import current, head, migrate

__all__ = ["current", "head", "migrate", "open_store"]
