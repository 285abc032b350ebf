"""What the pages of a market say, also to staff who draft one."""

from datetime import datetime
from typing import Final, Protocol

from core.clock import short_time
from core.markets.pricing import Pool, indicative_return
from core.markets.rules import PayoutRule, Side
from core.money import Money, kes
from core.text import Text, _

SAMPLE_STAKE: Final = kes(100)


class Terms(Protocol):
    """As much of a market or a draft as its pages show."""

    @property
    def question(self) -> str: ...
    @property
    def closes_at(self) -> datetime: ...
    @property
    def fee_bps(self) -> int: ...
    @property
    def payout_rule(self) -> PayoutRule: ...


def name_of(side: Side) -> Text:
    """A side in the player's language."""
    return _("YES") if side is Side.YES else _("NO")


def question_words(terms: Terms) -> Text:
    """The head of the page on which a side is chosen."""
    return _("{question}\nCloses {time}", question=terms.question, time=short_time(terms.closes_at))


def side_words(terms: Terms, pool: Pool, side: Side) -> Text:
    """A side, and what 100 shillings on it would return."""
    pays = _pays(terms, pool, side, SAMPLE_STAKE)
    if pays is None:
        return _("{side}: equal shares", side=name_of(side))
    return _("{side}: 100 pays about {pays}", side=name_of(side), pays=f"{pays.shillings:,}")


def confirmation_words(terms: Terms, pool: Pool, side: Side, stake: Money) -> Text:
    """Everything that the PIN says yes to."""
    return _(
        "{stake} on {side}: {question}\n{returns}\nEnter PIN to bet",
        stake=stake,
        side=name_of(side),
        question=terms.question,
        returns=_returns(terms, pool, side, stake),
    )


def _returns(terms: Terms, pool: Pool, side: Side, stake: Money) -> Text:
    pays = _pays(terms, pool, side, stake)
    if pays is None:
        return _("If {side}: depends on the number of winners", side=name_of(side))
    return _("About {pays} if {side}", pays=pays, side=name_of(side))


def _pays(terms: Terms, pool: Pool, side: Side, stake: Money) -> Money | None:
    return indicative_return(
        pool, side=side, stake=stake, fee_bps=terms.fee_bps, payout_rule=terms.payout_rule
    )
