"""Who fits? The search language: read, asked of a database, asked of one contact; and the indexes that make it fast."""
