"""What moved in a player's wallet, for the player to read."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Row, select

from core.ledger.records import account, entry, seal_block, transfer
from core.ledger.reference import reference_of
from core.ledger.transfer import AccountKind, TransferKind
from core.money import Money


@dataclass(frozen=True)
class StatementLine:
    """One movement; the amount is negative where money left the wallet.

    `block` is the number of the block that seals it, `undone_by` the transfer that reversed it;
    None where that is still to come, or where nobody asked.
    """

    transfer_id: int
    kind: TransferKind
    amount: Money
    posted_at: datetime
    block: int | None = None
    undone_by: int | None = None

    @property
    def reference(self) -> str:
        """What the receipt calls it."""
        return reference_of(self.transfer_id)


def read_statement(connection: Connection, *, player_id: int, limit: int) -> list[StatementLine]:
    """The last movements of the wallet, newest first."""
    query = _LINES.where(account.c.owner == player_id).order_by(transfer.c.id.desc()).limit(limit)
    return [_line(row) for row in connection.execute(query)]


def find_line(connection: Connection, *, player_id: int, transfer_id: int) -> StatementLine | None:
    """The movement of this transfer in this player's wallet; None where it moved nothing there."""
    query = _LINES.add_columns(_BLOCK.label("block"), _UNDONE.label("undone_by")).where(
        account.c.owner == player_id, transfer.c.id == transfer_id
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else replace(_line(row), block=row.block, undone_by=row.undone_by)


_LINES = (
    select(transfer.c.id, transfer.c.kind, transfer.c.posted_at, entry.c.cents)
    .join(entry, entry.c.transfer_id == transfer.c.id)
    .join(account, account.c.id == entry.c.account_id)
    .where(account.c.kind == AccountKind.PLAYER_AVAILABLE)
)

_BLOCK = (
    select(seal_block.c.number)
    .where(seal_block.c.until_xid > transfer.c.posted_in)
    .order_by(seal_block.c.until_xid)
    .limit(1)
    .scalar_subquery()
)

_LATER = transfer.alias("later")
_UNDONE = select(_LATER.c.id).where(_LATER.c.reverses == transfer.c.id).scalar_subquery()


def _line(row: Row[*tuple[object, ...]]) -> StatementLine:
    return StatementLine(row.id, TransferKind(row.kind), Money(row.cents), row.posted_at)
