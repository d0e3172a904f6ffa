"""How did the tables come to be? One step a file in `versions/`, run by `avow.store.upkeep.migrate`."""
