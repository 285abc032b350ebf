"""Another admin takes a proposed correction back: the result in force stays."""

from sqlalchemy import Connection

from core.markets.correction import is_correction
from core.markets.deciders import ensure_no_bet
from core.markets.former_result import take_correction_back
from core.markets.market import Market, get_market, lock_market
from core.markets.rules import Outcome, WrongState
from core.staff.records import MARKET_ROLES, Admin
from core.staff.rules import SameAdmin
from core.staff_input import parse_free_text
from core.text import _


def keep_result(connection: Connection, *, market_id: int, reason: str, by: Admin) -> Market:
    """Put the result in force back in its place, at any time before the correction is resolved.

    No money has moved for it. Raises NoSuchMarket, NotAllowed, InvalidFreeText, WrongState where no
    correction is proposed (also on a repeat), SameAdmin for the proposer, or BetInMarket.
    """
    by.ensure_role(MARKET_ROLES)
    why = parse_free_text(reason, what=_("The reason"))
    found = lock_market(connection, market_id=market_id)
    ensure_may_keep(connection, market=found, by=by)
    take_correction_back(connection, market=found, actor=by.email, why=why)
    return get_market(connection, market_id=market_id)


def ensure_may_keep(connection: Connection, *, market: Market, by: Admin) -> None:
    """Raise WrongState, SameAdmin or BetInMarket where this admin cannot take a correction back."""
    if not is_correction(market):
        raise WrongState(market.id, market.status)
    if market.proposed_by == by.id:
        raise SameAdmin(_("proposed the result"))
    # To keep one result is to decide between two: whoever has a bet may not, whatever the other is.
    ensure_no_bet(connection, market=market, outcome=Outcome.YES, by=by)
