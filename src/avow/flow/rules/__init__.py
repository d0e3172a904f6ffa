"""How do the rules of a workspace change? Who asks for it, and what an attribute needs to come into being."""
