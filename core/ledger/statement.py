"""What moved in a player's wallet, for the player to read."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select

from core.ledger.records import account, entry, transfer
from core.ledger.reference import reference_of
from core.ledger.transfer import AccountKind, TransferKind
from core.money import Money


@dataclass(frozen=True)
class StatementLine:
    """One movement; the amount is negative where money left the wallet."""

    transfer_id: int
    kind: TransferKind
    amount: Money
    posted_at: datetime

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
    query = _LINES.where(account.c.owner == player_id, transfer.c.id == transfer_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else _line(row)


_LINES = (
    select(transfer.c.id, transfer.c.kind, transfer.c.posted_at, entry.c.cents)
    .join(entry, entry.c.transfer_id == transfer.c.id)
    .join(account, account.c.id == entry.c.account_id)
    .where(account.c.kind == AccountKind.PLAYER_AVAILABLE)
)


def _line(row: Row[*tuple[object, ...]]) -> StatementLine:
    return StatementLine(row.id, TransferKind(row.kind), Money(row.cents), row.posted_at)
