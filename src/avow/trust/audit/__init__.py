"""Has nobody rewritten it? The checks of a chain and of what stands on it."""
