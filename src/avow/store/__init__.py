"""Where is it written down? The storage contract of `flow`, kept on SQLite and on PostgreSQL."""

from avow.store.store import open_store
from avow.store.upkeep.migrate import current, migrate
from avow.store.upkeep.opening import open_upkeep
from avow.store.upkeep.revisions import head

__all__ = ["current", "head", "migrate", "open_store", "open_upkeep"]
