"""How do the rules of a workspace change? Who asks, what an attribute needs to come into being, how a key is sealed."""
