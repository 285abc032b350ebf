"""Use case: what a player owes is repaid from what is there and confirmed."""

from sqlalchemy import Connection, func, select

from core.deposits.unconfirmed import unconfirmed
from core.ledger import book
from core.ledger.book import InsufficientFunds, KeyReused
from core.ledger.records import entry
from core.ledger.take_available import take_available
from core.ledger.transfer import Entry, Key, Transfer, TransferKind
from core.money import Money
from core.notices import texts
from core.notices.notify import notify
from core.players.records import get_player


def repay_debt(connection: Connection, *, player_id: int) -> Money:
    """Repay as much as the confirmed money allows, and tell; a repeat changes nothing.

    What may be withdrawn stays the same: both what is there and what is owed become less. Raises
    InsufficientFunds where the wallet does not come to rest. Returns what was owed before.
    """
    debt = book.owed(connection, player_id=player_id)
    if debt <= Money(0):
        return Money(0)
    wallet = book.available_account(connection, player_id=player_id)
    owing = book.clawback_account(connection, player_id=player_id)

    def repay(there: Money) -> None:
        confirmed = there - unconfirmed(connection, player_id=player_id)
        cents = min(confirmed, book.owed(connection, player_id=player_id))
        if cents <= Money(0):
            return
        # Named by what was owed last, so that two who see the same debt repay it once.
        last = select(func.max(entry.c.transfer_id)).where(entry.c.account_id == owing)
        key = Key("repayment", f"{player_id}:{connection.execute(last).scalar_one()}")
        entries = (Entry(wallet, -cents), Entry(owing, cents))
        try:
            posted = book.post(
                connection, Transfer(TransferKind.REPAYMENT, key, entries, actor="system")
            )
        except KeyReused:
            raise InsufficientFunds from None
        # The wallet stands still now: a settlement may have repaid it in the moment before.
        if book.owed(connection, player_id=player_id) < Money(0):
            raise InsufficientFunds
        if not posted.replayed:
            _tell(connection, player_id, repaid=cents, reference=posted.reference)

    take_available(connection, player_id=player_id, take=repay)
    return debt


def _tell(connection: Connection, player_id: int, *, repaid: Money, reference: str) -> None:
    debtor = get_player(connection, player_id=player_id)
    notify(
        connection,
        player_id=debtor.id,
        phone=debtor.phone,
        language=debtor.language,
        kind="debt_repaid",
        text=texts.debt_repaid(
            repaid=repaid,
            owed=book.owed(connection, player_id=player_id),
            balance=book.available(connection, player_id=player_id),
            reference=reference,
        ),
    )
