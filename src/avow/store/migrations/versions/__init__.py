"""Which steps lead from an empty database to today's tables? These, in the order in which each names the one before."""
