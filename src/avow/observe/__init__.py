"""How does the server fare, for whoever watches over it? Logs, metrics and traces, and nothing of anybody in them."""
