"""Whose a reference or a receipt is, of whatever kind."""

from sqlalchemy import Connection, text

from core.ledger.reference import transfer_of

# Each part finds one row by a unique index.
_WHOSE = text(
    """
    SELECT player_id FROM deposit WHERE reference = :typed
    UNION SELECT player_id FROM deposit WHERE receipt = :typed
    UNION SELECT player_id FROM withdrawal WHERE receipt = :typed
    UNION SELECT player_id FROM paybill_payment WHERE receipt = :typed AND player_id IS NOT NULL
    UNION SELECT player_id FROM bet WHERE transfer_id = :transfer_id
    UNION SELECT player_id FROM cancelled_bet WHERE transfer_id = :transfer_id
    UNION SELECT player_id FROM withdrawal WHERE hold_transfer_id = :transfer_id
    UNION SELECT player_id FROM deposit WHERE transfer_id = :transfer_id
    ORDER BY player_id
    """
)


def whose_reference(connection: Connection, *, typed: str) -> list[int]:
    """The players of the bet, deposit, withdrawal or paybill payment that is called so."""
    values = {"typed": "".join(typed.split()).upper(), "transfer_id": transfer_of(typed)}
    return list(connection.execute(_WHOSE, values).scalars())
