"""Withdrawing: not yet."""

from core.text import _
from ussd.pages import Menu, Page, screen
from ussd.visit import Visit


@screen
def coming(visit: Visit) -> Page:
    """Says so, and that the money is safe."""
    return Menu(_("Withdrawing to M-Pesa is coming soon. Your money is safe in your account."))
