"""What we answer to a bet by SMS and to its cancelling: the receipt of either."""

from core.money import Money
from core.notices.texts import outcome_word, receipt_ending
from core.text import Text, _


def bet_by_sms_placed(
    *,
    reference: str,
    stake: Money,
    side: str,
    market_id: int,
    label: str,
    returns: Money | None,
    balance: Money,
    cancel_until: str,
) -> Text:
    """The paper of a bet by SMS; without `returns` the winners share equally.

    `cancel_until` is a time of day, for whoever reads it late.
    """
    ending = receipt_ending(balance, reference)
    if returns is None:
        return _(
            "Bet placed: {stake} {side}, {market_id} {label}, equal shares. {ending} CANCEL"
            " {reference} by {cancel_until}",
            stake=stake,
            side=outcome_word(side),
            market_id=market_id,
            label=label,
            ending=ending,
            reference=reference,
            cancel_until=cancel_until,
        )
    return _(
        "Bet placed: {stake} {side}, {market_id} {label}, may pay {returns}. {ending} CANCEL"
        " {reference} by {cancel_until}",
        stake=stake,
        side=outcome_word(side),
        market_id=market_id,
        label=label,
        returns=f"{returns.shillings:,}",
        ending=ending,
        reference=reference,
        cancel_until=cancel_until,
    )


def bet_cancelled(
    *, reference: str, stake: Money, market_id: int, label: str, balance: Money, reversal: str
) -> Text:
    """The paper of a bet that was taken back; `reversal` is the reference of the movement."""
    return _(
        "Bet {reference} on {market_id} {label} cancelled: {stake} is back. {ending}",
        reference=reference,
        market_id=market_id,
        label=label,
        stake=stake,
        ending=receipt_ending(balance, reversal),
    )


def bet_cancelled_before(*, reference: str, stake: Money, reversal: str) -> Text:
    """The answer to who writes it again."""
    return _(
        "Bet {reference} is cancelled already: {stake} went back, Ref {reversal}. No money was"
        " moved now.",
        reference=reference,
        stake=stake,
        reversal=reversal,
    )
