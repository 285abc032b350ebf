"""Where a market stands before it is over, in a player's words."""

from core.markets.rules import MarketStatus, Outcome
from core.notices.texts import outcome_word
from core.text import Text, _


def standing_of(status: MarketStatus, *, proposed: Outcome | None, disputed: bool) -> Text:
    """A short sentence; `disputed` while somebody who bet waits for a ruling."""
    match status:
        case MarketStatus.OPEN:
            return _("Open.")
        case MarketStatus.SUSPENDED:
            return _("Paused, no bets for now.")
        case MarketStatus.PROPOSED if proposed is not None and disputed:
            return _("Result {outcome} proposed, but disputed.", outcome=outcome_word(proposed))
        case MarketStatus.PROPOSED if proposed is not None:
            return _("Result {outcome} proposed, not final.", outcome=outcome_word(proposed))
        case MarketStatus.SETTLING | MarketStatus.VOIDING:
            return _("The result is in: being paid.")
        case _:
            return _("Waiting for the result.")
