"""Which of our payments a receipt of the provider's stands for."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from core.provider.records import receipt as receipts


@dataclass(frozen=True)
class OfDeposit:
    """A payment by prompt."""

    id: int


@dataclass(frozen=True)
class OfPaybill:
    """A payment without a prompt."""

    id: int


@dataclass(frozen=True)
class OfWithdrawal:
    """A payment of ours."""

    id: int


def claim_of(
    connection: Connection, *, receipt: str
) -> OfDeposit | OfPaybill | OfWithdrawal | None:
    """Whose money the receipt has moved here; None while it has moved none."""
    row = connection.execute(select(receipts).where(receipts.c.receipt == receipt)).one_or_none()
    if row is None:
        return None
    if row.deposit_id is not None:
        return OfDeposit(row.deposit_id)
    if row.paybill_id is not None:
        return OfPaybill(row.paybill_id)
    return OfWithdrawal(row.withdrawal_id)
