"""Who posted a callback: the optional second layer behind the token."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from flask import Request

from core.settings import Settings


def is_allowed(received: Request, *, settings: Settings) -> bool:
    """Whether the sender's address is in CALLBACK_ALLOWED_IPS; everybody's is in an empty list."""
    if not settings.callback_allowed_ips:
        return True
    sender = _address(received, trusted_proxies=settings.trusted_proxy_count)
    return sender is not None and any(
        sender in network for network in settings.callback_allowed_ips
    )


def _address(received: Request, *, trusted_proxies: int) -> IPv4Address | IPv6Address | None:
    """The address that our outermost proxy saw. What stands left of it anybody may have written."""
    forwarded = ",".join(received.headers.getlist("X-Forwarded-For")).split(",")
    hops = [*(hop.strip() for hop in forwarded if hop.strip()), received.remote_addr or ""]
    if len(hops) <= trusted_proxies:
        return None
    try:
        address = ip_address(hops[-1 - trusted_proxies])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
