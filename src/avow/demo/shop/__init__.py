"""The shop that the made-up company runs: with customers to be, and a console to cheat in."""

from avow.demo.shop.serving import ShopProcess, shop_port

__all__ = ["ShopProcess", "shop_port"]
