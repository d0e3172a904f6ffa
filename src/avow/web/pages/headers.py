"""What a wing for browsers needs of its answers' headers: what a page may load, who may frame it, what it gives away.

- Scripts, styles, pictures and requests of this host only; nothing inline, nothing evaluated, no frame, no plugin.
- No address of ours travels to others (`Referrer-Policy`; `no-referrer` would make browsers hide the `Origin` of our
  own forms), no window of others keeps a hand on ours (COOP).
- Pages speak of people: no cache keeps them. Files under a name that holds their digest are kept for ever.

Source: https://www.w3.org/TR/CSP3/; https://html.spec.whatwg.org/#cross-origin-opener-policies; RFC 8246 (immutable).
"""

from __future__ import annotations

from typing import Final

from avow.web.responses import NO_STORE, NOSNIFF, Header

HTML: Final[Header] = (b"content-type", b"text/html; charset=utf-8")
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
PAGE: Final[tuple[Header, ...]] = (
    HTML,
    NO_STORE,
    NOSNIFF,
    (b"content-security-policy", POLICY.encode()),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"x-frame-options", b"DENY"),
)
"""Every page carries these."""
FILE: Final[tuple[Header, ...]] = tuple(one for one in PAGE if one is not HTML)
"""What a file that somebody downloads carries: all that a page does but its type."""
FOREVER: Final[Header] = (b"cache-control", b"public, max-age=31536000, immutable")
