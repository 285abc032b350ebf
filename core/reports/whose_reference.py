"""Whose a reference or a receipt is, of whatever kind."""

from sqlalchemy import Connection, select, union

from core.inquiries.branches import BRANCHES
from core.ledger.reference import transfer_of
from core.markets.records import bet, cancelled_bet


def whose_reference(connection: Connection, *, typed: str) -> list[int]:
    """The players of the bet, deposit, withdrawal or paybill payment that is called so."""
    named, transfer_id = ("".join(typed.split()).upper(),), transfer_of(typed)
    transfers = [] if transfer_id is None else [transfer_id]
    # Each part finds a row or two by unique indexes.
    players = [
        select(branch.player_id.label("player_id")).where(
            branch.is_named(named, named, transfers), branch.player_id.is_not(None)
        )
        for branch in BRANCHES
    ]
    bets = [
        select(table.c.player_id).where(table.c.transfer_id.in_(transfers))
        for table in (bet, cancelled_bet)
    ]
    return sorted(connection.execute(union(*players, *bets)).scalars())
