"""Which workspaces are hers, what are they called, and what of test goes into production?"""
