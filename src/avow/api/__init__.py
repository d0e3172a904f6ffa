"""What may a company's backend ask? Intercom's REST dialect, and what Avow adds to it."""
