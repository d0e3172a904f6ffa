"""Who belongs to which group of people? Rules over contacts, and nothing that asks a database."""
