"""How does an operator ask about keys and tokens?"""
