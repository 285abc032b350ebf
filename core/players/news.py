"""Use cases: whether a number wants news by SMS; codes and receipts come all the same."""

from sqlalchemy import Connection, func

from core.audit_trail.records import record
from core.notices.consent import resume_number, stop_number
from core.players.records import find_player, player


def stop_news(connection: Connection, *, phone: str) -> None:
    """No more news for this number as of now, whoever may register it; a repeat does nothing."""
    change = player.update().where(player.c.phone == phone, player.c.news_stopped_at.is_(None))
    stopping = change.values(news_stopped_at=func.kibeezy_now()).returning(player.c.id)
    player_id = connection.execute(stopping).scalar_one_or_none()
    if player_id is not None:
        _record(connection, player_id, wanted=False)
    elif find_player(connection, phone=phone) is None:
        stop_number(connection, phone=phone)


def start_news(connection: Connection, *, phone: str) -> None:
    """News again for this number; a repeat changes nothing."""
    change = player.update().where(player.c.phone == phone, player.c.news_stopped_at.is_not(None))
    starting = change.values(news_stopped_at=None).returning(player.c.id)
    player_id = connection.execute(starting).scalar_one_or_none()
    # Stopped before there was a player, perhaps.
    if resume_number(connection, phone=phone) and player_id is None:
        found = find_player(connection, phone=phone)
        player_id = None if found is None else found.id
    if player_id is not None:
        _record(connection, player_id, wanted=True)


def _record(connection: Connection, player_id: int, *, wanted: bool) -> None:
    subject = f"player:{player_id}"
    record(
        connection,
        actor=subject,
        act="player.news",
        subject=subject,
        before={"news": "no" if wanted else "yes"},
        after={"news": "yes" if wanted else "no"},
    )
