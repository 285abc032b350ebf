"""What the market commands print."""

from collections.abc import Sequence

from admin.commands.speaking import iso, say, show_table
from core.clock import in_nairobi
from core.markets.list_markets import ListedMarket
from core.markets.summary import Summary


def as_dict(listed: ListedMarket) -> dict[str, object]:
    """A market as `market list --json` promises it."""
    market = listed.market
    return {
        "id": market.id,
        "question": market.question,
        "category": market.category,
        "status": market.status.value,
        "closes_at": iso(market.closes_at),
        "pool_yes_cents": listed.pool.yes.cents,
        "pool_no_cents": listed.pool.no.cents,
        "outcome": None if market.outcome is None else market.outcome.value,
    }


def show_markets(markets: Sequence[ListedMarket]) -> None:
    """The same for people."""
    if not markets:
        say("No markets.")
        return
    show_table(
        ("ID", "Question", "Status", "Closes", "YES", "NO", "Outcome"),
        [
            (
                one.market.id,
                one.market.question,
                one.market.status.value,
                f"{in_nairobi(one.market.closes_at):%d %b %Y %H:%M}",
                one.pool.yes,
                one.pool.no,
                one.market.outcome.value if one.market.outcome else "",
            )
            for one in markets
        ],
    )


def show_summary(summary: Summary) -> None:
    """The payout summary: what comes in equals what goes out, to the cent."""
    market = summary.market
    rows = [
        ("Outcome", summary.outcome.upper()),
        ("Pool", f"{summary.pool.total} (YES {summary.pool.yes}, NO {summary.pool.no})"),
        ("Bets", summary.bets),
        ("Winning players", summary.winners),
        ("Losing players", summary.losers),
        ("Refunds" if summary.refunded else "Payouts", summary.paid),
        ("Fee", summary.fee),
        ("Remainder", summary.remainder),
    ]
    if summary.late_bets:
        rows.insert(3, ("Late bets, refunded", f"{summary.late_bets} of {summary.late}"))
    show_table(("Market", str(market.id)), rows, title=market.question)
    if summary.largest:
        largest = [(one.phone, one.staked, one.paid) for one in summary.largest]
        show_table(("Player", "Staked", "Gets"), largest, title="Largest payouts")
