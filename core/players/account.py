"""Use cases: what players change about their own account."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, text

from core.audit_trail.records import record
from core.errors import Refused
from core.ledger import book
from core.players.records import player
from core.text import Language, _

SHORTEST_BREAK: Final = timedelta(hours=24)
LONGEST_BREAK: Final = timedelta(days=183)

_OPEN_BETS = text(
    "SELECT count(*) FROM bet JOIN market ON market.id = bet.market_id"
    " WHERE bet.player_id = :player_id AND market.status NOT IN ('settled', 'voided')"
)


class MoneyLeft(Refused):
    """An account with money or open bets stays open."""

    def __init__(self) -> None:
        super().__init__(_("You still have money or open bets here. Withdraw it first."))


def choose_language(connection: Connection, *, player_id: int, language: Language) -> None:
    """Remember the language; a repeat changes nothing."""
    _change(connection, player_id, language=language)


def take_break(connection: Connection, *, player_id: int, length: timedelta) -> datetime:
    """Keep the player out for so long; returns until when. A break can only be made longer."""
    assert SHORTEST_BREAK <= length <= LONGEST_BREAK, "a break is a day to six months"
    wanted = func.kibeezy_now() + length
    until = connection.execute(
        player.update()
        .where(player.c.id == player_id)
        .values(break_until=func.greatest(func.coalesce(player.c.break_until, wanted), wanted))
        .returning(player.c.break_until)
    ).scalar_one()
    assert isinstance(until, datetime)
    _write(connection, player_id, "player.break")
    return until


def close_account(connection: Connection, *, player_id: int) -> None:
    """Close the account for good. Raises MoneyLeft while there is money or an open bet."""
    money = book.available(connection, player_id=player_id)
    money += book.held(connection, player_id=player_id)
    open_bets = connection.execute(_OPEN_BETS, {"player_id": player_id}).scalar_one()
    if money or open_bets:
        raise MoneyLeft
    _change(connection, player_id, closed_at=func.kibeezy_now())
    _write(connection, player_id, "player.closed")


def _change(connection: Connection, player_id: int, **values: object) -> None:
    connection.execute(player.update().where(player.c.id == player_id).values(**values))


def _write(connection: Connection, player_id: int, act: str) -> None:
    subject = f"player:{player_id}"
    record(connection, actor=subject, act=act, subject=subject)
