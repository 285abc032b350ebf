"""What pages say of a market: its state, its rules, and what befell it."""

from collections.abc import Iterable
from typing import Final

from admin.drawing.payment_story import Told
from core.audit_trail.list_events import Event
from core.audit_trail.words import in_words
from core.markets.market import Market
from core.markets.rules import MarketStatus, Outcome, PayoutRule

TONES: Final = {
    MarketStatus.OPEN: "good",
    MarketStatus.SUSPENDED: "wait",
    MarketStatus.CLOSED: "wait",
    MarketStatus.PROPOSED: "wait",
    MarketStatus.SETTLING: "wait",
    MarketStatus.VOIDING: "wait",
}
RULES: Final = {
    PayoutRule.PRO_RATA: "By stake: the pool less the fee, each winning bet its share",
    PayoutRule.EQUAL: "Equal shares: each winning player the same",
}
# Rule 4 of the money asks for this sentence.
EQUAL_WARNING: Final = (
    "Equal shares: a winner may get less than a large stake, and it invites splitting a stake over"
    " many phones."
)
_EVENT_TONES: Final = {
    "approved": "good",
    "resumed": "good",
    "settled": "good",
    "suspended": "wait",
    "proposed": "wait",
    "correction_proposed": "wait",
    "disputed": "bad",
    "voided": "bad",
}


def tell(events: Iterable[Event]) -> list[Told]:
    """The audit trail of a market in words, without the names of players."""
    return [_tell(event) for event in events]


def state_of(market: Market) -> str:
    """Its state in a word or two."""
    match market.status:
        case MarketStatus.PROPOSED:
            assert market.proposed_outcome is not None
            what = "correction to" if market.version > 1 else "proposed"
            return f"{what} {market.proposed_outcome.upper()}"
        case MarketStatus.SETTLED:
            assert market.outcome is not None
            return f"settled {market.outcome.upper()}"
        case MarketStatus.OPEN if not market.takes_bets:
            return "closing"
        case _:
            return market.status.value


def fee_of(market: Market) -> str:
    """The fee as it is said: `1,000 basis points (10 %)`."""
    return f"{market.fee_bps:,} basis points ({market.fee_bps / 100:g} %)"


def outcome_of(outcome: Outcome | None) -> str:
    """An outcome in capitals, as on a ballot."""
    return "" if outcome is None else outcome.upper()


def _tell(event: Event) -> Told:
    act = event.act.removeprefix("market.")
    by = "a player" if event.actor.startswith("player:") else event.actor
    # What was attested stands whole among the terms.
    details = in_words({name: said for name, said in event.details.items() if name != "attested"})
    return Told(
        at=event.at,
        title=act.replace("_", " ").capitalize(),
        words=f"by {by}" + (f": {details}" if details else ""),
        tone=_EVENT_TONES.get(act, ""),
    )
