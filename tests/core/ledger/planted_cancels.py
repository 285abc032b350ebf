"""One corruption against each invariant of cancelled bets."""

from typing import Final

_STANDS_NO_MORE: Final = "a cancelled bet stands no more, and its whole stake went back"
PLANTED_CANCELS: Final = [
    (
        _STANDS_NO_MORE,
        """INSERT INTO bet (market_id, player_id, side, stake_cents, transfer_id, placed_at)
        SELECT market_id, player_id, side, stake_cents, transfer_id, placed_at
        FROM cancelled_bet""",
    ),
    (
        _STANDS_NO_MORE,
        """UPDATE entry SET cents = cents + 100 WHERE cents > 0 AND transfer_id = (
              SELECT reversal_transfer_id FROM cancelled_bet)""",
    ),
    (
        _STANDS_NO_MORE,
        "UPDATE cancelled_bet SET side = 'yes'",
    ),
    (
        _STANDS_NO_MORE,
        "UPDATE transfer SET reverses = NULL WHERE kind = 'stake_reversal'",
    ),
    ("each reversal of a stake has its cancelled bet", "DELETE FROM cancelled_bet"),
    (
        "no bet is cancelled after its market closed",
        """UPDATE market SET closed_at = (SELECT cancelled_at FROM cancelled_bet)
        WHERE id = (SELECT market_id FROM cancelled_bet)""",
    ),
]
