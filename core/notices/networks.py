"""The networks of Kenya, by the code that providers give them."""

from typing import Final

# Africa's Talking, docs "USSD": the last one is its sandbox. Others, such as Faiba, are not named.
NETWORKS: Final = {
    "63902": "Safaricom",
    "63903": "Airtel",
    "63907": "Telkom",
    "63999": "Equitel",
    "99999": "sandbox",
}


def network_name(code: str | None) -> str:
    """The network's name; its code where it has none here, and a word where nobody told it."""
    return "unknown" if code is None else NETWORKS.get(code, code)
