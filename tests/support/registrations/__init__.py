"""Keys and secrets that must not be registered, and unusual ones that may."""

from tests.support.registrations.case import HostileKey
from tests.support.registrations.public_keys import hostile_public_keys
from tests.support.registrations.secrets import LEGITIMATE_SECRETS, hostile_secrets

__all__ = ["LEGITIMATE_SECRETS", "HostileKey", "hostile_public_keys", "hostile_secrets"]
