"""Customer data that can be trusted: every value knows who vouched for it."""

from avow.sign import CannotSign, sign

__version__ = "0.1.0"
__all__ = ["CannotSign", "sign"]
