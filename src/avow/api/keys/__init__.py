"""Which keys may prove something here, what would become of a token, and what is done once a key has leaked?"""
