"""Where do migrations run? On the connection that `avow.store.upkeep.migrate` has locked and handed over."""

from __future__ import annotations

from typing import Any

from alembic import context

from avow.store.schema import metadata


def _tell(ctx: Any, step: Any, heads: Any, run_args: Any) -> None:  # noqa: ARG001 - Alembic names them all
    context.config.attributes["on_step"](step.up_revision_id)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,
    on_version_apply=_tell,
)
context.run_migrations()
