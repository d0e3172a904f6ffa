"""The numbered checks of a token, apart from their order: `token.py` makes them one after the other.

It hands no names on: a backend that signs needs the form (`form.py`) and must not load what checks keys.
"""
