"""The SMS about how a market ended; each fits one segment with its longest values."""

from core.money import Money
from core.notices.texts import outcome_word, receipt_ending
from core.text import Text, _

# As much as is said of where a result was read.
LONGEST_SOURCE = 30


def result_proposed(*, market_id: int, label: str, outcome: str, source: str, until: str) -> Text:
    """A result that can still be disputed; `source` has at most LONGEST_SOURCE septets."""
    return _(
        "Market {market_id} {label}: {outcome} proposed, source {source}. Not agreed? Reply"
        " DISPUTE {market_id} by {until}.",
        market_id=market_id,
        label=label,
        outcome=outcome_word(outcome),
        source=source,
        until=until,
    )


def dispute_ruled(*, market_id: int, label: str, outcome: str, ruling: str) -> Text:
    """What a third person said to a player who disputed the result; dismissed or upheld."""
    values: dict[str, object] = {
        "market_id": market_id,
        "label": label,
        "outcome": outcome_word(outcome),
    }
    if ruling == "upheld":
        return _(
            "Market {market_id} {label}: you were right to dispute. The result {outcome} is"
            " dropped.",
            **values,
        )
    return _(
        "Market {market_id} {label}: your dispute was looked into. The result {outcome} stays.",
        **values,
    )


def bets_settled(
    *,
    market_id: int,
    label: str,
    outcome: str,
    staked: Money,
    paid: Money,
    refunded: bool,
    late: bool,
    balance: Money,
    reference: str,
) -> Text:
    """How a market ended for one player, over all the player's bets in it.

    The outcome is yes, no or void; `refunded` where nobody could win; `late` where every bet of the
    player's was. A player who is paid nothing had every stake on the other side. The reference is
    that of the first payment, or of the first bet where none was made.
    """
    values: dict[str, object] = {
        "market_id": market_id,
        "label": label,
        "outcome": outcome_word(outcome),
        "staked": staked,
        "paid": paid,
        "ending": receipt_ending(balance, reference),
    }
    if outcome == "void":
        return _("Market {market_id} {label} is void. You get back your {paid}. {ending}", **values)
    if late:
        return _(
            "Market {market_id} {label}: result {outcome}. Bet too late: your {paid} is back."
            " {ending}",
            **values,
        )
    if refunded:
        return _(
            "Market {market_id} {label}: result {outcome}. One-sided: your {paid} is back."
            " {ending}",
            **values,
        )
    if paid:
        return _(
            "Market {market_id} {label}: result {outcome}. Staked {staked}, paid {paid}. {ending}",
            **values,
        )
    return _(
        "Market {market_id} {label}: result {outcome}. Your {staked} on {side} lost. {ending}",
        **values,
        side=outcome_word("no" if outcome == "yes" else "yes"),
    )


def bets_corrected(
    *,
    market_id: int,
    label: str,
    outcome: str,
    paid: Money,
    taken: Money,
    owed: Money,
    balance: Money,
    reference: str,
) -> Text:
    """Another result than the one that was told, and what it changes for one player.

    Either more is paid, or something was taken back; `owed` is all that the player owes us now.
    """
    values: dict[str, object] = {
        "market_id": market_id,
        "label": label,
        "outcome": outcome_word(outcome),
        "ending": receipt_ending(balance, reference),
    }
    if not taken and owed:
        return _(
            "{market_id} {label} corrected: {outcome}. {paid} more, {owed} owed. {ending}",
            **values,
            paid=paid,
            owed=owed,
        )
    if not taken:
        return _(
            "Market {market_id} {label} corrected: result {outcome}. You get {paid} more. {ending}",
            **values,
            paid=paid,
        )
    if not owed:
        return _(
            "Market {market_id} {label} corrected: result {outcome}. {taken} was taken back."
            " {ending}",
            **values,
            taken=taken,
        )
    return _(
        "{market_id} {label} corrected: {outcome}. {taken} taken back, {owed} owed. {ending}",
        **values,
        taken=taken,
        owed=owed,
    )
