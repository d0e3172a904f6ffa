"""What does a teammate do to one person by hand, in her own name? What she writes is verified: the company vouches."""
