"""What somebody who can write SQL as the application would try with cancelled bets."""

from typing import Final

from tests.attacks.injected import (
    CLOSED,
    DECIDED,
    NEWEST,
    NOT_PERMITTED,
    NOTHING,
    OPEN,
    SIDE,
    THE_FIRST,
    THE_OTHER,
    WALLET,
    bet,
    post,
    stake,
)

TAKEN: Final = "23505"


def _stake_in(market: int) -> str:
    return f"(SELECT transfer_id FROM bet WHERE market_id = {market} AND player_id = {THE_FIRST})"


def bet_in(market: int, player: str = THE_FIRST) -> str:
    return f"(SELECT id FROM bet WHERE market_id = {market} AND player_id = {player})"


_HIS = bet_in(CLOSED, THE_OTHER)
__HIS_WALLET = f"(SELECT id FROM account WHERE kind = 'player_available' AND owner = {THE_OTHER})"


def take_back(
    market: int = OPEN,
    *,
    cents: int = 10_000,
    side: str = "yes",
    to: str = WALLET,
    key: str = "'attack', '1'",
    reverses: str | None = None,
) -> str:
    given_by = SIDE.format(market=market).replace("'yes'", f"'{side}'")
    moves = post("stake_reversal", given_by, to, cents, key)
    return moves.removesuffix("NULL)") + (reverses or _stake_in(market)) + ")"


def cancel(bet: str = bet_in(OPEN), reversal: str = NEWEST) -> str:
    return f"INSERT INTO cancelled_bet (bet_id, reversal_transfer_id) VALUES ({bet}, {reversal})"


_STAKE_THAT_IS_BACK = "(SELECT min(transfer_id) FROM cancelled_bet)"
_PLACED_AGAIN = (
    "INSERT INTO bet (market_id, player_id, side, stake_cents, transfer_id, placed_at)"
    " SELECT market_id, player_id, side, stake_cents, transfer_id, placed_at FROM cancelled_bet"
)
_LONG_AGO = (
    "INSERT INTO cancelled_bet (bet_id, reversal_transfer_id, cancelled_at)"
    " VALUES (1, 1, '2020-01-01')"
)
_REFUNDED = post("refund", SIDE.format(market=OPEN), WALLET, cents=10_000).removesuffix("NULL)")
_REFUNDED += f"{_stake_in(OPEN)})"
CANCELS_REFUSED = {
    "a stake given back without its bet": ((take_back(),), NOTHING),
    "a stake given back that names no stake": ((take_back(reverses="NULL"), cancel()), NOTHING),
    "a stake given back in part": ((take_back(cents=2_000), cancel()), NOTHING),
    "a stake given back twice over": ((take_back(cents=20_000), cancel()), NOTHING),
    "a stake given back twice": (
        (
            take_back(),
            cancel(),
            take_back(key="'attack', '2'", reverses=_STAKE_THAT_IS_BACK),
            cancel(),
        ),
        TAKEN,
    ),
    "a stake given back once, for two bets": (
        (take_back(), cancel(), cancel(bet=_HIS, reversal=NEWEST)),
        NOTHING,
    ),
    "a stake given back from the other side": ((take_back(side="no"), cancel()), NOTHING),
    "a stake given back to somebody else": ((take_back(to=__HIS_WALLET), cancel()), NOTHING),
    "a stake given back by another kind of transfer": ((_REFUNDED, cancel()), NOTHING),
    "a bet cancelled after the close": ((take_back(CLOSED), cancel(bet_in(CLOSED))), NOTHING),
    "a bet cancelled while it is settled": (
        (take_back(DECIDED), cancel(bet_in(DECIDED))),
        NOTHING,
    ),
    "a bet cancelled by its stake": ((cancel(reversal=_stake_in(OPEN)),), NOTHING),
    "a bet placed, cancelled and placed again, all at once": (
        (
            stake(OPEN),
            bet(),
            take_back(cents=2_000, reverses=NEWEST, key="'attack', '2'"),
            cancel("(SELECT max(id) FROM bet)"),
            _PLACED_AGAIN,
        ),
        NOTHING,
    ),
    "a cancelled bet placed again": (
        (
            take_back(),
            cancel(),
            _PLACED_AGAIN,
        ),
        NOTHING,
    ),
    "a cancelling that says more than which bet": (
        (_LONG_AGO,),
        NOT_PERMITTED,
    ),
    "a bet that is only deleted": (("DELETE FROM bet",), NOT_PERMITTED),
}
