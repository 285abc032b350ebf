"""One transfer with its entries, for whoever checks the books."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from core.errors import NoSuchThing, Refused
from core.ledger.records import account, entry, seal_block, transfer
from core.ledger.reference import reference_of, transfer_of
from core.money import Money
from core.text import _

_LARGEST: Final = 2**63 - 1


class NoSuchTransfer(Refused):
    """Neither a number nor a reference of a transfer."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            _("No transfer has the number or reference {reference}.", reference=reference)
        )


@dataclass(frozen=True)
class Line:
    """An entry, with what its account is; a positive amount came there, a negative one left."""

    account_id: int
    kind: str
    owner: int | None
    market: int | None
    side: str | None
    amount: Money


@dataclass(frozen=True)
class FoundTransfer:
    """A transfer as it stands in the book; `block` seals it, `undone_by` reversed it since."""

    id: int
    kind: str
    scope: str
    key: str
    actor: str
    second_actor: str | None
    reason: str | None
    posted_at: datetime
    reverses: int | None
    undone_by: int | None
    block: int | None
    lines: tuple[Line, ...]

    @property
    def reference(self) -> str:
        """What receipts call it."""
        return reference_of(self.id)


def find_transfer(connection: Connection, *, typed: str) -> int:
    """The transfer that somebody named by its number or its reference. Raises NoSuchTransfer.

    Digits are first of all a number.
    """
    meant = typed.strip()
    number = int(meant) if meant.isascii() and meant.isdigit() else None
    for transfer_id in (number, transfer_of(meant)):
        if transfer_id is not None and transfer_id <= _LARGEST:
            query = select(transfer.c.id).where(transfer.c.id == transfer_id)
            if connection.execute(query).first() is not None:
                return transfer_id
    raise NoSuchTransfer(meant[:40])


def read_transfer(connection: Connection, *, transfer_id: int) -> FoundTransfer:
    """The transfer with this number and all its entries. Raises NoSuchThing."""
    row = None
    if transfer_id <= _LARGEST:
        row = connection.execute(_TRANSFER.where(transfer.c.id == transfer_id)).one_or_none()
    if row is None:
        raise NoSuchThing(f"transfer {transfer_id}")
    lines = connection.execute(_LINES.where(entry.c.transfer_id == transfer_id))
    return FoundTransfer(
        id=row.id,
        kind=row.kind,
        scope=row.scope,
        key=row.key,
        actor=row.actor,
        second_actor=row.second_actor,
        reason=row.reason,
        posted_at=row.posted_at,
        reverses=row.reverses,
        undone_by=row.undone_by,
        block=row.block,
        lines=tuple(
            Line(each.id, each.kind, each.owner, each.market, each.side, Money(each.cents))
            for each in lines
        ),
    )


_LATER = transfer.alias("later")
_TRANSFER = select(
    transfer,
    select(_LATER.c.id)
    .where(_LATER.c.reverses == transfer.c.id)
    .scalar_subquery()
    .label("undone_by"),
    select(seal_block.c.number)
    .where(seal_block.c.until_xid > transfer.c.posted_in)
    .order_by(seal_block.c.until_xid)
    .limit(1)
    .scalar_subquery()
    .label("block"),
)
_LINES = (
    select(account, entry.c.cents)
    .join(entry, entry.c.account_id == account.c.id)
    .order_by(entry.c.cents, account.c.id)
)
