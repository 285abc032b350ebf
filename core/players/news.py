"""Use cases: whether a player wants news by SMS; codes and receipts come all the same."""

from sqlalchemy import Connection, func

from core.players.records import player


def stop_news(connection: Connection, *, phone: str) -> None:
    """No more news for this number, as of now; a repeat or an unknown number changes nothing."""
    connection.execute(
        player.update()
        .where(player.c.phone == phone, player.c.news_stopped_at.is_(None))
        .values(news_stopped_at=func.kibeezy_now())
    )


def start_news(connection: Connection, *, phone: str) -> None:
    """News again for this number; a repeat or an unknown number changes nothing."""
    connection.execute(player.update().where(player.c.phone == phone).values(news_stopped_at=None))
