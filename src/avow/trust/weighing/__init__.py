"""May a value be written? Who says it, under which name, does it fit, may it: what `decision.py` is made of."""
