"""Who posted a callback: the optional second layer behind the token."""

from flask import Request

from core.client_address import client_address
from core.settings import Settings


def is_allowed(received: Request, *, settings: Settings) -> bool:
    """Whether the sender's address is in CALLBACK_ALLOWED_IPS; everybody's is in an empty list."""
    if not settings.callback_allowed_ips:
        return True
    sender = client_address(
        forwarded=received.headers.getlist("X-Forwarded-For"),
        peer=received.remote_addr,
        trusted_proxies=settings.trusted_proxy_count,
    )
    return sender is not None and any(
        sender in network for network in settings.callback_allowed_ips
    )
