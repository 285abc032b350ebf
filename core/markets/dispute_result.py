"""A player who bet says that the proposed result is wrong."""

from sqlalchemy import Connection, exists, func, select

from core.alarms.raise_alarm import raise_alarm
from core.audit_trail.records import record
from core.markets.disputes import ALARM, about_proposal, alarm_subject
from core.markets.market import Market, lock_market
from core.markets.records import bet, dispute
from core.markets.rules import DisputeDismissed, NoBetInMarket, NotDisputable, Ruling
from core.players.records import Player, Status
from core.players.rules import ensure_may_play
from core.staff.records import MARKET_ROLES


def dispute_result(connection: Connection, *, market_id: int, player: Player) -> None:
    """Keep the dispute, which holds the resolution up until a third admin has ruled.

    One for each player and proposal: a repeat before the ruling changes nothing. Staff are alarmed
    by the first. A break does not keep anybody from it. Raises NotVerified, AccountLocked,
    AccountClosed, NoSuchMarket, NoBetInMarket, DisputeDismissed on a repeat after the ruling, or
    NotDisputable outside of the challenge window.
    """
    if player.status is not Status.ON_BREAK:
        ensure_may_play(player)
    found = lock_market(connection, market_id=market_id)
    _ensure_has_bet(connection, market_id, player.id)
    if _has_disputed(connection, found, player.id):
        return
    if not found.in_challenge_window:
        raise NotDisputable(market_id)
    told = {"market_id": market_id, "proposed_at": found.proposed_at, "player_id": player.id}
    connection.execute(dispute.insert().values(told))
    subject = f"market:{market_id}"
    record(connection, actor=f"player:{player.id}", act="market.disputed", subject=subject)
    if _count(connection, found) == 1:
        why = f"The result of market {market_id} is disputed: a third admin must rule."
        raise_alarm(
            connection, kind=ALARM, subject=alarm_subject(found), why=why, roles=MARKET_ROLES
        )


def _ensure_has_bet(connection: Connection, market_id: int, player_id: int) -> None:
    own = exists().where(bet.c.market_id == market_id, bet.c.player_id == player_id)
    if not connection.execute(select(own)).scalar_one():
        raise NoBetInMarket(market_id)


def _has_disputed(connection: Connection, found: Market, player_id: int) -> bool:
    """Whether a dispute of the player's waits. Raises the refusal where one was ruled on."""
    own = select(dispute.c.ruling).where(about_proposal(found), dispute.c.player_id == player_id)
    known = connection.execute(own).one_or_none()
    if known is None:
        return False
    if known.ruling == Ruling.DISMISSED:
        raise DisputeDismissed(found.id)
    if known.ruling == Ruling.UPHELD:
        raise NotDisputable(found.id)
    return True


def _count(connection: Connection, found: Market) -> int:
    return connection.execute(select(func.count()).where(about_proposal(found))).scalar_one()
