"""M-Pesa's receipts as staff name them."""

import re
from typing import Final

from sqlalchemy import Connection, select

from core.errors import Refused
from core.provider.records import receipt as receipts
from core.provider.subjects import Subject
from core.text import _

_RECEIPT: Final = re.compile(r"[A-Z0-9]{6,20}", re.ASCII)


class NotAReceipt(Refused):
    """Whoever says that something was paid must say with which receipt."""

    def __init__(self) -> None:
        super().__init__(_("Name M-Pesa's receipt of the payment, such as SGR7ABC123."))


class ReceiptTaken(Refused):
    """A receipt pays once, and a payment has one."""

    def __init__(self, receipt: str) -> None:
        super().__init__(_("Receipt {receipt} does not belong to this payment.", receipt=receipt))


def parse_receipt(raw: str | None) -> str:
    """The receipt in capitals, as M-Pesa writes it. Raises NotAReceipt, also for none."""
    receipt = (raw or "").strip().upper()
    if not _RECEIPT.fullmatch(receipt):
        raise NotAReceipt
    return receipt


def ensure_free(connection: Connection, *, receipt: str, subject: Subject) -> None:
    """Raises ReceiptTaken where the receipt moves the money of another payment.

    It may be taken until something is written; then the database refuses it.
    """
    owner = select(receipts.c.receipt).where(
        receipts.c.receipt == receipt,
        receipts.c[subject.column].is_distinct_from(subject.id),
    )
    if connection.execute(owner).first() is not None:
        raise ReceiptTaken(receipt)
