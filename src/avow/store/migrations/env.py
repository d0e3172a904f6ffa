"""Where do migrations run? On the connection that `avow.store.migrate` has locked and handed over."""

from __future__ import annotations

from alembic import context

from avow.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=False)
context.run_migrations()
