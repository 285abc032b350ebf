"""Money today, in the few figures that staff ask for first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from core.money import Money
from core.reports.books import Books
from core.reports.figures import FIGURES, Figure
from core.statements.lines import Flow
from core.statements.records import COUNTS, statement_import

_BY_NAME: Final[Mapping[str, Figure]] = {figure.name: figure for figure in FIGURES}
# What is counted once for each of them.
_COUNTED_ON: Final = {
    "stakes": ("stake", "market_side"),
    "stakes_cancelled": ("stake_reversal", "player_available"),
    "payouts": ("payout", "player_available"),
}
_COVERED: Final = (
    select(statement_import.c.money, func.max(statement_import.c.covers_to).label("until"))
    .where(COUNTS)
    .group_by(statement_import.c.money)
)


@dataclass(frozen=True)
class Today:
    """What moved since midnight in Nairobi; what was taken back is taken off.

    `bets` are those that were not cancelled, `given_back` the stakes of markets that were void.
    """

    deposited: Money
    staked: Money
    bets: int
    paid_out: Money
    given_back: Money
    withdrawn: Money
    fees: Money


def money_today(books: Books) -> Today:
    """The day so far."""
    return Today(
        deposited=_sum(books, "deposits", "paybill", "suspense_in")
        - _sum(books, "deposits_reversed"),
        staked=_sum(books, "stakes") - _sum(books, "stakes_cancelled"),
        bets=_count(books, "stakes") - _count(books, "stakes_cancelled"),
        paid_out=_sum(books, "payouts") - _sum(books, "payouts_reversed"),
        given_back=_sum(books, "refunds"),
        withdrawn=_sum(books, "withdrawals_net"),
        fees=_sum(books, "fees", "withdrawals_fees") - _sum(books, "fees_reversed"),
    )


def statements_reach(connection: Connection) -> Mapping[Flow, datetime]:
    """Until when M-Pesa's own statements, that count, tell of money in and of money out."""
    return {Flow(row.money): row.until for row in connection.execute(_COVERED)}


def _sum(books: Books, *names: str) -> Money:
    return Money(sum(_BY_NAME[name].cents(books.today) for name in names))


def _count(books: Books, name: str) -> int:
    movement, account = _COUNTED_ON[name]
    return sum(
        count
        for place, count in books.entries.items()
        if (place.movement, place.account) == (movement, account)
    )
