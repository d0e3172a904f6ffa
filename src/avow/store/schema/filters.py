"""What makes searches fast? Which attributes are filterable, and the values of each in order.

- `value` is text that sorts as the value does (`flow.contract.query.sortable`); one index serves every type.
- Entries are reached by contact where they are written, and by value where they are searched.

Source: performance.md (side table of indexed values), scale.md rules 1, 5 and 11.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Double, Index, PrimaryKeyConstraint, Table

from avow.store.schema.columns import CONTACT_ID, column, metadata, of_workspace, optional

attribute_filter = Table(
    "attribute_filter",
    metadata,
    of_workspace(),
    column("attribute_id", BigInteger),
    column("state"),
    column("since", Double),
    column("done", BigInteger),
    column("total", BigInteger),
    optional("reached", CONTACT_ID),
    PrimaryKeyConstraint("workspace_id", "attribute_id"),
)

filter_value = Table(
    "filter_value",
    metadata,
    column("workspace_id"),
    column("contact_id", CONTACT_ID),
    column("attribute_id", BigInteger),
    column("verified", Boolean),
    column("value"),
    PrimaryKeyConstraint("workspace_id", "contact_id", "attribute_id", "verified"),
    Index("ix_filter_value_in_order", "workspace_id", "attribute_id", "verified", "value", "contact_id"),
    sqlite_with_rowid=False,
)
