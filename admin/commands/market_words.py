"""What the market commands print."""

from collections.abc import Sequence

from admin.commands.speaking import iso, minute, say, show_table
from admin.drawing.market_words import EQUAL_WARNING
from core.clock import in_nairobi
from core.markets.disputes import Dispute
from core.markets.list_markets import ListedMarket
from core.markets.market import Market
from core.markets.rules import PayoutRule
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


def show_terms(market: Market) -> None:
    """What whoever approves a market attests."""
    show_table(
        ("Market", str(market.id)),
        [
            ("Question", market.question),
            ("Fee", f"{market.fee_bps} bps ({market.fee_bps / 100:g} %)"),
            ("Payout", market.payout_rule),
            ("Closes", minute(market.closes_at)),
        ],
    )
    if market.payout_rule is PayoutRule.EQUAL:
        say(EQUAL_WARNING)


def dispute_as_dict(dispute: Dispute) -> dict[str, object]:
    """A dispute for programs."""
    return {
        "phone": dispute.phone,
        "raised_at": iso(dispute.raised_at),
        "stands": dispute.stands,
        "ruling": None if dispute.ruling is None else dispute.ruling.value,
        "ruled_by": dispute.ruled_by,
        "reason": dispute.reason,
    }


def show_disputes(disputes: Sequence[Dispute]) -> None:
    """The same for people."""
    if not disputes:
        say("No disputes.")
        return
    show_table(
        ("Player", "Raised", "Ruling", "By", "Reason"),
        [
            (
                one.phone,
                minute(one.raised_at),
                one.ruling or ("open" if one.stands else "proposal replaced"),
                one.ruled_by or "",
                one.reason or "",
            )
            for one in disputes
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
    back = summary.taken_back
    if back is not None:
        rows += [
            ("Reversed", f"{back.reversed} of {back.players} players"),
            ("Not covered now, will be owed", back.uncovered),
            ("Net to pay", summary.paid - back.reversed),
        ]
    show_table(("Market", str(market.id)), rows, title=market.question)
    if summary.largest:
        largest = [(one.phone, one.staked, one.paid) for one in summary.largest]
        show_table(("Player", "Staked", "Gets"), largest, title="Largest payouts")
