"""The table of who watches which market."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    func,
)

from core.database import metadata

market_watch = Table(
    "market_watch",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("player_id", BigInteger, ForeignKey("player.id"), nullable=False),
    Column("market_id", BigInteger, ForeignKey("market.id"), nullable=False),
    Column(
        "started_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()
    ),
    Column("step", SmallInteger),
    Column("edge", SmallInteger),
    Column("moved_on", Date),
    Column("moves", SmallInteger, nullable=False, server_default="0"),
    Column("close_told_at", DateTime(timezone=True)),
    Column("told_version", Integer, nullable=False, server_default="0"),
    Column("ended_at", DateTime(timezone=True)),
)
_GOING_ON = market_watch.c.ended_at.is_(None)
Index(
    "market_watch_once",
    market_watch.c.player_id,
    market_watch.c.market_id,
    unique=True,
    postgresql_where=_GOING_ON,
)
Index(
    "market_watch_going_on",
    market_watch.c.market_id,
    market_watch.c.id,
    postgresql_where=_GOING_ON,
)
