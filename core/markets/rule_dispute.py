"""A third admin rules on the disputes of a proposed result."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from core.alarms.take_alarm import take_alarm_about
from core.audit_trail.records import record
from core.markets.deciders import ensure_no_bet
from core.markets.disputes import ALARM, about_proposal, alarm_subject
from core.markets.former_result import former_result
from core.markets.market import Market, get_market, lock_market
from core.markets.records import dispute
from core.markets.records import market as market_table
from core.markets.rules import MarketStatus, NothingDisputed, Outcome, Ruling, WrongState
from core.notices.notify import Notice, notify_all
from core.notices.result_texts import dispute_ruled
from core.players.records import player
from core.staff.records import MARKET_ROLES, Admin
from core.staff.rules import ProposalChanged, SameAdmin
from core.staff_input import parse_free_text
from core.text import Language, _


def rule_dispute(
    connection: Connection,
    *,
    market_id: int,
    ruling: Ruling,
    reason: str,
    by: Admin,
    proposed_at: datetime | None = None,
) -> Market:
    """Answer every open dispute of the proposed result, and tell who raised it by SMS.

    Dismissed, the result may be resolved by another than the proposer and whoever ruled. Upheld,
    the market is where it was before the proposal; one that was open is closed where its time has
    passed meanwhile. `proposed_at` names the proposal that was read; None means the present one.
    Raises NoSuchMarket, NotAllowed, InvalidFreeText, WrongState, SameAdmin for the proposer,
    BetInMarket, ProposalChanged, or NothingDisputed (also on a repeat).
    """
    by.ensure_role(MARKET_ROLES)
    why = parse_free_text(reason, what=_("The reason"))
    found = lock_market(connection, market_id=market_id)
    ensure_may_rule(connection, market=found, by=by)
    if proposed_at not in {None, found.proposed_at}:
        raise ProposalChanged
    ruled = _rule(connection, found, ruling, why, by)
    if not ruled:
        raise NothingDisputed(market_id)
    after: MarketStatus = found.status
    if ruling is Ruling.UPHELD:
        back = former_result(connection, market=found)
        change = market_table.update().where(market_table.c.id == market_id)
        connection.execute(change.values(back))
        after = MarketStatus(str(back["status"]))
    record(
        connection,
        actor=by.email,
        act="market.ruled",
        subject=f"market:{market_id}",
        ruling=ruling.value,
        reason=why,
        before={"status": found.status},
        after={"status": after},
    )
    take_alarm_about(connection, kind=ALARM, subject=alarm_subject(found), by=by)
    _tell(connection, found, ruling, ruled)
    return get_market(connection, market_id=market_id)


def ensure_may_rule(connection: Connection, *, market: Market, by: Admin) -> None:
    """Raise WrongState, SameAdmin or BetInMarket where this admin cannot rule."""
    if market.status is not MarketStatus.PROPOSED:
        raise WrongState(market.id, market.status)
    if market.proposed_by == by.id:
        raise SameAdmin(_("proposed the result"))
    ensure_no_bet(connection, market=market, outcome=Outcome.VOID, by=by)


def _rule(connection: Connection, found: Market, ruling: Ruling, why: str, by: Admin) -> list[int]:
    """The players whose open disputes are answered by this."""
    answer = {"ruling": ruling, "ruled_by": by.id, "ruled_at": func.kibeezy_now(), "reason": why}
    waiting = dispute.update().where(about_proposal(found), dispute.c.ruling.is_(None))
    ruled = connection.execute(waiting.values(answer).returning(dispute.c.player_id))
    return list(ruled.scalars())


def _tell(connection: Connection, found: Market, ruling: Ruling, players: list[int]) -> None:
    assert found.proposed_outcome is not None
    words = dispute_ruled(
        market_id=found.id, label=found.label, outcome=found.proposed_outcome, ruling=ruling
    )
    query = select(player.c.id, player.c.phone, player.c.language)
    people = connection.execute(query.where(player.c.id.in_(players)).order_by(player.c.id))
    notices = [
        Notice(row.id, row.phone, Language(row.language), "dispute_ruled", words) for row in people
    ]
    notify_all(connection, notices=notices)
