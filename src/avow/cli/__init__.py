"""How does an operator ask? The `avow` command."""
