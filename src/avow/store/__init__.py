"""Where is it written down? The storage contract of `flow`, kept on SQLite and on PostgreSQL."""
