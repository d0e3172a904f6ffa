"""How long is the outbox? Counted up to a bound, with its ends by the primary key: no table is read as a whole."""

from __future__ import annotations

from typing import Final

MOST_COUNTED: Final = 1_000_000

counted: Final = "SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT ?) AS first_ones"
edges: Final = """\
SELECT min(oldest), max(newest) FROM (
  SELECT (SELECT min(at) FROM outbox AS o WHERE o.workspace_id = w.id) AS oldest,
         (SELECT max(at) FROM outbox AS o WHERE o.workspace_id = w.id) AS newest
  FROM workspace AS w
) AS ends"""
