"""How does one get in? Sign-in, second step, invitation: the pages before a session, and the way out."""
