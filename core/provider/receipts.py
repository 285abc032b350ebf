"""M-Pesa's receipts as staff type them."""

import re
from typing import Final

from core.errors import Refused
from core.text import _

_RECEIPT: Final = re.compile(r"[A-Z0-9]{6,20}", re.ASCII)


class NotAReceipt(Refused):
    """Whoever says that something was paid must say with which receipt."""

    def __init__(self) -> None:
        super().__init__(_("Name M-Pesa's receipt of the payment, such as SGR7ABC123."))


def parse_receipt(raw: str | None) -> str:
    """The receipt in capitals, as M-Pesa writes it. Raises NotAReceipt, also for none."""
    receipt = (raw or "").strip().upper()
    if not _RECEIPT.fullmatch(receipt):
        raise NotAReceipt
    return receipt
