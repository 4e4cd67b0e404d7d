"""Addresses of servers that an admin names, before anything is sent there."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit


def plain_address(text: str) -> SplitResult | None:
    """None for what is no address, or holds more than a scheme, a host, a port and a path."""
    if any(not c.isprintable() or c.isspace() or c in "?#" for c in text):
        return None
    try:
        parts = urlsplit(text)
        # it is looked at when it is asked for
        plain = parts.port is None or parts.port > 0
    except ValueError:
        # urlsplit's own words repeat the address, and with it a password
        return None
    return parts if plain and parts.hostname and "@" not in parts.netloc else None
