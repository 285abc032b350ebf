"""Whose address a request comes from, behind as many proxies as we run."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address


def client_address(
    *, forwarded: Iterable[str], peer: str | None, trusted_proxies: int
) -> IPv4Address | IPv6Address | None:
    """The address that our outermost proxy saw. What stands left of it anybody may have written.

    `forwarded` are the X-Forwarded-For headers. None where a proxy was passed by, and where there
    is no address.
    """
    listed = ",".join(forwarded).split(",")
    hops = [*(hop.strip() for hop in listed if hop.strip()), peer or ""]
    if len(hops) <= trusted_proxies:
        return None
    try:
        address = ip_address(hops[-1 - trusted_proxies])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
