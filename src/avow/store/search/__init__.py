"""How are contacts found by what is known of them? Questions become SQL, and declared attributes have an index."""
