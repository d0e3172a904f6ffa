"""Tokens for tests: hostile ones, each with the reason why it must be refused, and unusual but legitimate ones."""

from tests.support.tokens.case import Hostile, Legitimate, alice
from tests.support.tokens.hostile import hostile_tokens
from tests.support.tokens.legitimate import legitimate_tokens

__all__ = ["Hostile", "Legitimate", "alice", "hostile_tokens", "legitimate_tokens"]
