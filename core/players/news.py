"""Use cases: whether a player wants news by SMS; codes and receipts come all the same."""

from sqlalchemy import Connection, Update, func

from core.audit_trail.records import record
from core.players.records import player


def stop_news(connection: Connection, *, phone: str) -> None:
    """No more news for this number, as of now; a repeat or an unknown number changes nothing."""
    change = player.update().where(player.c.phone == phone, player.c.news_stopped_at.is_(None))
    _change(connection, change.values(news_stopped_at=func.kibeezy_now()), wanted=False)


def start_news(connection: Connection, *, phone: str) -> None:
    """News again for this number; a repeat or an unknown number changes nothing."""
    change = player.update().where(player.c.phone == phone, player.c.news_stopped_at.is_not(None))
    _change(connection, change.values(news_stopped_at=None), wanted=True)


def _change(connection: Connection, change: Update, *, wanted: bool) -> None:
    player_id = connection.execute(change.returning(player.c.id)).scalar_one_or_none()
    if player_id is not None:
        subject = f"player:{player_id}"
        record(
            connection,
            actor=subject,
            act="player.news",
            subject=subject,
            before={"news": "no" if wanted else "yes"},
            after={"news": "yes" if wanted else "no"},
        )
